"""The parts that pages are made of: exact figures in titles, colours as numbers, nothing of an archive unescaped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from analyzer.web.createdby import instruction, shortened

DIFF_ID = "sha256:b41a487b75463e533575c4cff990eef7b974696e76e67bf6f1d57438a7e708b6"


def render(text: str, query: str = "", **context: Any) -> str:
    request = RequestFactory().get(f"/?{query}")
    return str(Template("{% load layersite %}" + text).render(Context({"request": request, **context})))


def test_a_size_has_its_exact_bytes_in_the_title():
    assert render("{% size 5839514 %}") == '<data value="5839514" title="5,839,514 bytes">5.57<small>MiB</small></data>'


def test_zero_and_unknown_are_not_the_same():
    assert "0<small>B</small>" in render("{% size 0 %}")
    assert render("{% size None %}") == '<span class="soft" title="not known">–</span>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ 1578|number }}", "1,578"),
        ("{{ 5|percent_of:8 }}", "62.5 %"),
        ("{{ None|percent_of:8 }}", "–"),
        ("{{ 0.9999|efficiency }}", "0.999"),
        ("{{ 1.0|efficiency }}", "1.000"),
        ("{{ 1|ratio:3 }}", "0.3333"),
        ("{{ None|ratio:3 }}", "0"),
        ("{{ None|exact }}", "not known"),
        ("{{ 1|exact }}", "1 byte"),
        ("{{ 2048|bytes_text }}", "2.00 KiB"),
    ],
)
def test_plain_figures(text: str, expected: str):
    assert render(text) == expected


def test_a_layer_has_its_colour_its_digest_and_a_link():
    chip = render("{% chip layer %}", layer=DIFF_ID)
    assert 'style="--h:253.3;--t:0.28"' in chip
    assert f'href="/layers/{DIFF_ID}/"' in chip
    assert f'title="diffID {DIFF_ID}"' in chip
    assert f'data-copy="{DIFF_ID}"' in chip
    assert ">b41a487b7546</a>" in chip


def test_a_layer_without_a_page_is_no_link():
    assert "<a" not in render("{% chip layer link=False copy=False %}", layer=DIFF_ID)
    assert render("{% chip layer %}", layer="") == '<span class="soft" title="not known">–</span>'


def test_a_tally_has_a_stroke_an_image_and_never_more_than_fit():
    assert render("{% tally 3 names %}", names=["a", "<b>"]) == (
        '<span class="tally" title="a, &lt;b&gt;"><i style="--n:3"></i>3</span>'
    )
    assert '--n:40"></i>… 1,200' in render("{% tally 1200 %}")


def test_changes_and_states_have_a_sign_and_a_word():
    assert render('{% change "added" 1574 %}') == '<span class="change added" title="1,574 added">+1,574</span>'
    assert "− <span" in render('{% change "removed" %}')
    assert render('{% state "partial" "analysed in part" %}') == '<span class="state partial">analysed in part</span>'
    assert render('{% state "queued" %}') == '<span class="state ">queued</span>'


def test_twins_keep_the_filters_and_leave_out_the_page():
    links = render('{% twins "waste" %}', query="team=web&page=3")
    assert 'href="?team=web&amp;part=waste&amp;format=json"' in links
    assert "page" not in links


def test_a_chart_has_buttons_that_save_its_picture_under_its_title():
    links = render('{% twins "ladder" chart="rungs" title=title %}', title='Sharing saves 66.6 % of "3 MiB" <b>')
    assert links.count("<button") == 2
    assert 'data-picture="rungs-figure" data-kind="png" data-name="sharing-saves-66-6-of-3-mib-b"' in links
    assert 'data-title="Sharing saves 66.6 % of &quot;3 MiB&quot; &lt;b&gt;"' in links


def test_a_picture_without_a_title_that_could_be_a_files_name_is_called_as_its_chart():
    assert 'data-name="rungs"' in render('{% twins "ladder" chart="rungs" title="…" %}')


def test_times_are_told_in_utc():
    when = datetime(2026, 11, 4, 5, 51, 3, tzinfo=UTC)
    assert (
        render("{% moment when %}", when=when) == '<time datetime="2026-11-04T05:51:03Z">4 Nov 2026, 05:51 UTC</time>'
    )
    assert "05:51:03 UTC" in render("{% moment when seconds=True %}", when=when)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
        (-timedelta(hours=1), "in the future"),
    ],
)
def test_how_long_ago(ago: timedelta, words: str):
    assert f">{words}</time>" in render("{{ when|relative_time }}", when=timezone.now() - ago)


def test_a_figure_in_a_page_can_not_end_its_script():
    text = render('{% chart figure "x" "label" 10 %}', figure={"data": ["</script><script>alert(1)"]})
    assert "</script><script>alert" not in text


@pytest.mark.parametrize(
    ("created_by", "told"),
    [
        ('/bin/sh -c #(nop)  CMD ["node"]', 'CMD ["node"]'),
        ("/bin/sh -c npm install", "RUN npm install"),
        ("RUN /bin/sh -c npm install # buildkit", "RUN npm install"),
        ("|2 A=1 B=2 /bin/sh -c make", "RUN make"),
        ("RUN |1 A=1 /bin/sh -c make # buildkit", "RUN make"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("RUN sudo /bin/sh -c x", "RUN sudo /bin/sh -c x"),
        ('ENTRYPOINT ["/bin/sh" "-c" "x"]', 'ENTRYPOINT ["/bin/sh" "-c" "x"]'),
        ("", ""),
    ],
)
def test_an_instruction_is_told_as_it_was_written(created_by: str, told: str):
    assert instruction(created_by) == told


def test_digests_in_an_instruction_are_cut():
    text = f"/bin/sh -c #(nop) COPY dir:{DIFF_ID[7:]} in /app"
    assert shortened(text) == "COPY dir:b41a487b… in /app"
