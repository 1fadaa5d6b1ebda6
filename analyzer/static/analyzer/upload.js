// Uploads by the tus protocol (1.0): a queue with progress, pause and resume. How far an upload is, the server knows;
// what is remembered here is only which upload a file belongs to, so that it goes on after a reload.
const form = document.querySelector("form.drop");
const list = document.getElementById("queue");
const section = document.getElementById("adding");
const picker = document.getElementById("files");
const again = document.getElementById("again");
const blank = document.getElementById("upload-row").content.firstElementChild;
// Logging in again in another tab makes a new one, which is in the cookie first.
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;

const AT_ONCE = 2; // uploads; the others wait
const SMALLEST = 2 ** 18; // bytes a request, where a proxy takes no more
const LONGEST_PAUSE = 30; // seconds between two tries
let chunk = 32 * 2 ** 20; // bytes a request

const uploads = new Set();

class Refused extends Error {}
class TryAgain extends Error {}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

function binary(bytes) {
  let value = bytes;
  let step = 0;
  while (value >= (step ? 1023.95 : 1024) && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return [step ? value.toFixed(value < 9.995 ? 2 : 1) : String(Math.round(value)), units[step]];
}

function figure(bytes) {
  const data = document.createElement("data");
  const small = document.createElement("small");
  const [value, unit] = binary(bytes);
  small.textContent = unit;
  data.value = bytes;
  data.title = `${bytes.toLocaleString("en")} bytes`;
  data.append(value, small);
  return data;
}

function span(seconds) {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s left`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds / 3600)} h left`;
}

function say(words) {
  document.getElementById("status").textContent = words;
}

// One request. Gives the answer if it succeeded, else throws: TryAgain where another try may help, Refused where not.
function send(method, url, { headers = {}, body = null, signal, onprogress } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    Object.entries({ "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf(), ...headers }).forEach(([name, value]) =>
      request.setRequestHeader(name, value),
    );
    if (onprogress) request.upload.onprogress = onprogress;
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request);
      else reject(refusal(request, method));
    };
    request.onerror = () => reject(new TryAgain("connection lost"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function refusal(request, method) {
  const { status } = request;
  let detail = "";
  if (request.getResponseHeader("Content-Type")?.startsWith("application/problem+json"))
    detail = JSON.parse(request.responseText || "{}").detail ?? "";
  if (status === 413 && !detail && chunk > SMALLEST) {
    chunk /= 2; // a proxy's limit, not ours
    return new TryAgain("a proxy takes smaller pieces only");
  }
  if (status === 401) return new Refused("You are logged out. Log in again in another tab, then resume.");
  if ([404, 410].includes(status) && method !== "POST")
    return Object.assign(new TryAgain("begins anew"), { forget: true });
  if ([408, 409, 423, 425, 429].includes(status) || (status >= 500 && status !== 507))
    return new TryAgain(status === 409 ? "another window sends this file too" : "the server is busy");
  return new Refused(detail || `The server answered ${status}.`);
}

function keyOf(file, team) {
  return `upload:${file.name}:${file.size}:${file.lastModified}:${team}`;
}

class Upload {
  constructor(file, team, teamName, { url, row, above }) {
    this.file = file;
    this.team = team;
    this.key = keyOf(file, team);
    this.url = url ?? localStorage.getItem(this.key);
    this.row = blank.cloneNode(true);
    this.row.querySelector("strong").textContent = file.name;
    this.row.querySelector(".head .soft").textContent = `team ${teamName}`;
    this.row.querySelectorAll("[data-act]").forEach((button) => {
      button.setAttribute("aria-label", `${button.textContent} ${file.name}`);
      button.addEventListener("click", () => this[button.dataset.act]());
    });
    const old = row ?? list.querySelector(`[data-upload="${this.url}"]`);
    if (old) old.replaceWith(this.row);
    else if (above?.isConnected) above.after(this.row);
    else list.prepend(this.row);
    this.show(0);
    this.state("waiting", "", "waiting");
  }

  state(phase, sign, words, note = "") {
    this.phase = phase;
    const label = this.row.querySelector(".state");
    label.className = `state ${sign}`;
    label.textContent = words;
    const problem = this.row.querySelector(".note");
    problem.hidden = !note;
    problem.textContent = note;
    problem.classList.toggle("bad", phase === "failed");
    this.row.querySelector("[data-act=pause]").hidden = !["sending", "waiting"].includes(phase);
    this.row.querySelector("[data-act=resume]").hidden = !["paused", "failed"].includes(phase);
    if (phase !== "sending") this.row.querySelectorAll(".speed, .left").forEach((part) => part.replaceChildren());
  }

  show(offset) {
    const bar = this.row.querySelector("progress");
    bar.max = this.file.size;
    bar.value = offset;
    bar.setAttribute("aria-label", `${this.file.name}, ${Math.floor((100 * offset) / this.file.size)} % received`);
    this.row.querySelector(".bytes").replaceChildren(figure(offset), " of ", figure(this.file.size));
  }

  // Speed over the last five seconds.
  measure(offset) {
    const now = performance.now() / 1000;
    this.marks.push([now, offset]);
    while (this.marks.length > 2 && now - this.marks[0][0] > 5) this.marks.shift();
    const [then, before] = this.marks[0];
    this.show(offset);
    if (now - then < 0.5 || offset <= before) return;
    const speed = (offset - before) / (now - then);
    this.row.querySelector(".speed").replaceChildren(figure(Math.round(speed)), "/s");
    this.row.querySelector(".left").textContent = span((this.file.size - offset) / speed);
  }

  async run() {
    this.stop = new AbortController();
    this.marks = [];
    this.state("sending", "running", "receiving");
    for (let tries = 0; ; tries += 1) {
      try {
        const job = await this.transfer(() => (tries = 0));
        return this.arrived(job);
      } catch (error) {
        if (error.name === "AbortError") return;
        if (!(error instanceof TryAgain)) return this.fail(error);
        if (error.forget) this.forget();
        await this.wait(Math.min(LONGEST_PAUSE, 2 ** tries), error.message);
        if (this.stop.signal.aborted) return;
        this.marks = [];
        this.state("sending", "running", "receiving");
      }
    }
  }

  // From where the server is to the end; gives the job. `went` is called after each piece.
  async transfer(went) {
    const { signal } = this.stop;
    if (!this.url) await this.create();
    let offset = Number((await send("HEAD", this.url, { signal })).getResponseHeader("Upload-Offset"));
    for (;;) {
      const start = offset;
      this.measure(start);
      const answer = await send("PATCH", this.url, {
        headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": start },
        body: this.file.slice(start, start + chunk),
        signal,
        onprogress: ({ loaded }) => this.measure(start + loaded),
      });
      went();
      offset = Number(answer.getResponseHeader("Upload-Offset"));
      const job = answer.getResponseHeader("Layersite-Job");
      if (job) return job;
    }
  }

  async create() {
    const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    const answer = await send("POST", form.dataset.uploads, {
      headers: {
        "Upload-Length": this.file.size,
        "Upload-Metadata": `filename ${encode(this.file.name)},team ${encode(this.team)}`,
      },
      signal: this.stop.signal,
    });
    this.url = new URL(answer.getResponseHeader("Location")).pathname;
    localStorage.setItem(this.key, this.url);
  }

  forget() {
    localStorage.removeItem(this.key);
    this.url = null;
  }

  wait(seconds, why) {
    this.state("sending", "partial", `${why}, trying again in ${seconds} s`);
    return new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000 * (0.8 + 0.4 * Math.random()));
      window.addEventListener("online", resolve, { once: true });
      this.stop.signal.addEventListener("abort", resolve);
    });
  }

  pause() {
    this.stop?.abort();
    this.state("paused", "", "paused");
    next();
  }

  resume() {
    this.state("waiting", "", "waiting");
    next();
  }

  chosenAgain(file) {
    this.file = file; // the browser may have lost its hold on the old one
    if (["paused", "failed"].includes(this.phase)) this.resume();
  }

  async cancel() {
    this.stop?.abort();
    uploads.delete(this);
    this.row.remove();
    say(`${this.file.name} was cancelled`);
    tidy();
    next();
    const { url } = this;
    this.forget();
    if (url) await send("DELETE", url).catch(() => {}); // it expires otherwise
  }

  fail(error) {
    this.state("failed", "failed", "stopped", error instanceof Refused ? error.message : unreadable(error));
    say(`${this.file.name} has stopped`);
    next();
  }

  arrived(job) {
    uploads.delete(this);
    this.forget();
    this.show(this.file.size);
    this.state("done", "done", "received");
    this.row.querySelector("[data-act=cancel]").hidden = true;
    say(`${this.file.name} has arrived`);
    next();
    const row = form.dataset.row.replace("00000000-0000-0000-0000-000000000000", job);
    window.htmx.ajax("GET", row, { target: this.row, swap: "outerHTML" });
  }
}

function unreadable(error) {
  return error.name === "NotFoundError" || error.name === "NotReadableError"
    ? "The file can't be read any more: it was moved or has changed. Choose it again."
    : `It stopped: ${error.message}.`;
}

function next() {
  const sending = [...uploads].filter(({ phase }) => phase === "sending").length;
  [...uploads]
    .filter(({ phase }) => phase === "waiting")
    .slice(0, Math.max(0, AT_ONCE - sending))
    .forEach((upload) => upload.run());
}

function tidy() {
  section.hidden = !list.children.length;
}

function complain(words) {
  const note = document.createElement("p");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.textContent = words;
  document.querySelectorAll("main > .note.bad").forEach((old) => old.remove());
  document.querySelector("main > .title").after(note);
  note.scrollIntoView({ block: "nearest" });
}

// Gives the row of the upload; none where the file is refused.
function add(file, { team, ...place } = {}) {
  const { options, value } = form.elements.team;
  const slug = team ?? value;
  if (!file.size) {
    complain(`${file.name} is empty or a folder. Pack a folder first: tar -cf images.tar -C ${file.name} .`);
    return null;
  }
  const same = [...uploads].find(({ key }) => key === keyOf(file, slug));
  if (same) {
    same.chosenAgain(file);
    return same.row;
  }
  const upload = new Upload(file, slug, [...options].find((option) => option.value === slug)?.text ?? slug, place);
  uploads.add(upload);
  section.hidden = false;
  next();
  return upload.row;
}

// On top of the list, in the order in which they were chosen.
function addAll(files) {
  let above = null;
  for (const file of files) above = add(file, { above }) ?? above;
}

picker.addEventListener("change", () => {
  addAll(picker.files);
  picker.value = "";
});

for (const type of ["dragenter", "dragover"])
  window.addEventListener(type, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("over");
  });
window.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("over");
});
window.addEventListener("drop", (event) => {
  form.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  const folders = [...event.dataTransfer.items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).length;
  if (folders) complain("A folder can't be dropped. Pack it first: tar -cf images.tar -C FOLDER .");
  else addAll(event.dataTransfer.files);
});

// Leaving the page stops what is being sent.
window.addEventListener("beforeunload", (event) => {
  if ([...uploads].some(({ phase }) => ["sending", "waiting"].includes(phase))) event.preventDefault();
});

// An upload that stopped before this page was loaded: its file has to be chosen again, browsers don't keep it.
list.querySelectorAll("[data-choose]").forEach((button) => {
  const row = button.closest("[data-upload]");
  button.hidden = false;
  button.addEventListener("click", () => {
    again.onchange = () => {
      const [file] = again.files;
      const { upload: url, name, length, team } = row.dataset;
      if (file.name !== name || file.size !== Number(length))
        complain(`${file.name} is not the file that was begun: that is ${name} with ${binary(Number(length)).join(" ")}.`);
      else add(file, { url, row, team });
      again.value = "";
    };
    again.click();
  });
});

const line = document.getElementById("line");
form.elements.team.addEventListener("change", ({ target }) => {
  const text = line.textContent.replace(/&team=[^"]*/, `&team=${target.value}`);
  line.textContent = text;
  line.parentElement.querySelector("[data-copy]").dataset.copy = text;
});

form.classList.add("scripted");
