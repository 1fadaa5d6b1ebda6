"""Instructions from history steps, as the classic builder and BuildKit write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.oci import gosyntax
from analyzer.oci.dockerfile import WORDS, Reader, copied_to

NOP = "/bin/sh -c #(nop) "
SUM = "0756ad52e798aadd1b958751feede667bf8fccdf18622b9ee50d9ccd2c7542b9"


@pytest.mark.parametrize(
    ("step", "instruction"),
    [
        ("/bin/sh -c apt-get update && rm -rf /tmp/*", "RUN apt-get update && rm -rf /tmp/*"),
        (NOP + ' CMD ["npm" "start"]', 'CMD ["npm", "start"]'),
        (NOP + r' ENTRYPOINT ["sh" "-c" "echo \"hi\" \x00"]', r'ENTRYPOINT ["sh", "-c", "echo \"hi\" \u0000"]'),
        (NOP + "WORKDIR /usr/src/app", "WORKDIR /usr/src/app"),
        (NOP + " EXPOSE 8080/tcp", "EXPOSE 8080/tcp"),
        (NOP + " VOLUME [/data /cache]", 'VOLUME ["/data", "/cache"]'),
        (NOP + " SHELL [/bin/bash -c]", 'SHELL ["/bin/bash", "-c"]'),
        (NOP + " ENV PATH=/bin", "ENV PATH=/bin"),
        (NOP + " ENV OLD form", "ENV OLD form"),
        ("RUN /bin/sh -c make x # buildkit", "RUN make x"),
        ('CMD ["python3"]', 'CMD ["python3"]'),
        ("EXPOSE map[80/tcp:{} 443/tcp:{}]", "EXPOSE 80/tcp 443/tcp"),
        ("VOLUME [/data]", 'VOLUME ["/data"]'),
        ("COPY --chown=1:1 app.py /srv/ # buildkit", "COPY --chown=1:1 app.py /srv/"),
        ("COPY --from=build /out /srv # buildkit", "COPY --from=build /out /srv"),
        ('ENV GREETING="hello world"', 'ENV GREETING="hello world"'),
        (NOP + ' HEALTHCHECK &{["CMD-SHELL" "true"] "5m0s" "0s" "0s" \'\\x00\'}', "HEALTHCHECK --interval=5m CMD true"),
        (
            'HEALTHCHECK &{["CMD" "curl" "-f"] "30s" "1m30s" "5s" "0s" \'\\x03\'}',
            'HEALTHCHECK --interval=30s --timeout=1m30s --start-period=5s --retries=3 CMD ["curl", "-f"]',
        ),
        (NOP + ' HEALTHCHECK &{["NONE"] "0s" "0s" "0s" \'\\x00\'}', "HEALTHCHECK NONE"),
        (NOP + " ONBUILD RUN make", "ONBUILD RUN make"),
        (NOP + " STOPSIGNAL SIGQUIT", "STOPSIGNAL SIGQUIT"),
    ],
)
def test_what_the_history_has_whole_is_no_guess(step: str, instruction: str) -> None:
    written = Reader().read(step)
    assert (written.text, written.guess, written.note) == (instruction, "", "")


@pytest.mark.parametrize(
    "step", ["|2 A=1 B=two words /bin/sh -c make", "RUN |2 A=1 B=two words /bin/sh -c make # buildkit"]
)
def test_build_arguments_are_told_beside_the_command(step: str) -> None:
    written = Reader().read(step)
    assert (written.text, written.note) == ("RUN make", "Built with A=1, B=two words.")


@pytest.mark.parametrize(
    ("step", "instruction"),
    [
        ("|" + "9" * 5_000 + " A=1 /bin/sh -c make", "# |" + "9" * 5_000 + " A=1 /bin/sh -c make"),
        ('HEALTHCHECK &{["CMD" "x"] "1s" \'²\'}', 'HEALTHCHECK --interval=1s --retries=178 CMD ["x"]'),
        ('HEALTHCHECK &{["CMD" "x"] "1s" \'' + "9" * 5_000 + "'}", 'HEALTHCHECK --interval=1s CMD ["x"]'),
    ],
    ids=["arguments", "the character of a digit", "retries"],
)
def test_a_count_that_is_none_is_not_taken_for_one(step: str, instruction: str) -> None:
    assert Reader().read(step).text == instruction


def test_a_script_of_several_lines_is_a_here_document_whose_end_is_not_in_it() -> None:
    written = Reader().read("RUN /bin/sh -c set -e\nEOF\nmake\n # buildkit")
    assert written.text == "RUN <<EOF_\nset -e\nEOF\nmake\nEOF_"


@pytest.mark.parametrize("command", ["cat <<END >/x", "echo \\"])
def test_a_line_after_which_a_dockerfile_would_go_on_is_a_here_document(command: str) -> None:
    assert Reader().read(f"/bin/sh -c {command}").text == f"RUN <<EOF\n{command}\nEOF"


def test_the_shell_of_an_instruction_before_is_left_out_of_run() -> None:
    reader = Reader()
    reader.read(NOP + " SHELL [/bin/bash -o pipefail -c]")
    assert reader.read("/bin/bash -o pipefail -c make | tee log").text == "RUN make | tee log"
    assert reader.read("RUN /bin/bash -o pipefail -c make # buildkit").text == "RUN make"


def test_the_sources_of_a_copy_are_named_as_a_guess_from_the_layer() -> None:
    step = f"{NOP}COPY file:{SUM} in /usr/src/app/ "
    named = Reader().read(step, sources=["package.json"])
    assert named.text == "COPY package.json /usr/src/app/"
    assert "0756ad52e798" in named.guess
    unnamed = Reader().read(step)
    assert unnamed.text == "COPY file:0756ad52e798 /usr/src/app/"
    assert "not in the history" in unnamed.guess


def test_a_copied_folder_says_what_it_held() -> None:
    written = Reader().read(f"{NOP}COPY dir:{SUM} in /srv ", sources=["a", "b"])
    assert written.text == "COPY ./ /srv"
    assert "It held a, b." in written.guess


def test_a_name_with_spaces_makes_the_array_form() -> None:
    written = Reader().read(f"{NOP}ADD file:{SUM} in /srv/ ", sources=["two words.txt"])
    assert written.text == 'ADD ["two words.txt", "/srv/"]'


@pytest.mark.parametrize(
    ("step", "target"),
    [
        (f"{NOP}COPY file:{SUM} in . ", ("srv/web", True)),
        (f"{NOP}COPY file:{SUM} in ./a.txt ", ("srv/web/a.txt", False)),
        (f"{NOP}COPY dir:{SUM} in /opt ", ("opt", True)),
        (f"{NOP}ADD multi:{SUM} in ../x/ ", ("srv/x", True)),
        ("COPY a.txt /opt/ # buildkit", None),
        ("/bin/sh -c make", None),
    ],
)
def test_where_a_copy_went_follows_the_working_directory(step: str, target: tuple[str, bool] | None) -> None:
    assert copied_to(step, "/srv/web") == target


def test_a_source_of_another_stage_is_a_guess() -> None:
    assert "--from is not recorded" in Reader().read("COPY /out/app /app # buildkit").guess
    assert "here-document" in Reader().read("COPY <<EOF /etc/motd # buildkit").guess


def test_values_with_spaces_end_where_the_config_has_the_next_name() -> None:
    step = NOP + " ENV A=one two B=3"
    sure = Reader(variables=["A", "B"]).read(step)
    assert (sure.text, sure.guess) == ('ENV A="one two" B=3', "")
    unsure = Reader(variables=["A"]).read(step)
    assert (unsure.text, bool(unsure.guess)) == ('ENV A="one two B=3"', True)


def test_what_is_no_instruction_becomes_a_comment() -> None:
    committed = Reader().read("bash -c 'apt install x'")
    assert committed.text.startswith("# ")
    assert "committed" in committed.guess
    assert Reader().read("", "Imported from -").text == "ADD rootfs.tar /"
    assert Reader().read("", "").text.startswith("# ")


STEP = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}{} {}{}".format,
        st.sampled_from(["", "RUN ", NOP, "/bin/sh -c ", "|1 A=1 /bin/sh -c ", "RUN |9 /bin/sh -c "]),
        st.sampled_from([*sorted(WORDS), "make"]),
        st.text(alphabet="a \"[]{}&=\\\n\r#|/<E'", max_size=40),
        st.sampled_from(["", " # buildkit"]),
    ),
)


@given(STEP, st.text(max_size=20), st.lists(st.text(max_size=8), max_size=3))
def test_whatever_a_history_says_only_run_has_lines_of_its_own(step: str, comment: str, sources: list[str]) -> None:
    text = Reader().read(step, comment, sources).text
    first, *rest = text.split("\n")
    if first.startswith("RUN <<"):
        end = first.removeprefix("RUN <<")
        assert text.split("\n").index(end) == len(text.split("\n")) - 1
    else:
        assert all(line.startswith("#") for line in rest), text
        assert first.startswith("#") or not first.rstrip().endswith("\\")


@given(st.lists(st.text()))
def test_an_array_reads_back(words: list[str]) -> None:
    assert gosyntax.strings(gosyntax.array(words)) == words


@pytest.mark.parametrize(
    ("text", "words"), [("5m0s", "5m"), ("1h0m0s", "1h"), ("30s", "30s"), ("0s", ""), ("soon", None)]
)
def test_durations_are_as_people_write_them(text: str, words: str | None) -> None:
    assert gosyntax.duration(text) == words
