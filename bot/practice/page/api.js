// The server's control API.

export class Refused extends Error {}

async function answer(response) {
  const body = await response.json();
  if (!response.ok) throw new Refused(sentence(body));
  return body;
}

function sentence(body) {
  const found = [];
  const walk = (node) => {
    for (const [key, value] of Object.entries(node)) {
      if (key === "_errors") found.push(...value.map((error) => error.message));
      else if (value && typeof value === "object") walk(value);
    }
  };
  walk(body.errors ?? {});
  return [body.message, ...found].join(" ");
}

export async function get(path, words = {}) {
  return answer(await fetch(`/practice/${path}?${new URLSearchParams(words)}`));
}

export async function post(path, words) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`/practice/${path}`, { method: "POST", headers, body: JSON.stringify(words) }));
}

// Call `onNews` for each event and `onState(true | false)` when the feed comes and goes.
export class Feed {
  constructor(onNews, onState) {
    this.onNews = onNews;
    this.onState = onState;
  }

  open(member) {
    this.close();
    const socket = new WebSocket(`ws://${location.host}/practice/live?member=${encodeURIComponent(member)}`);
    this.socket = socket;
    socket.onopen = () => this.onState(true);
    socket.onmessage = (event) => this.onNews(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onState(false);
      this.timer = setTimeout(() => this.open(member), 1000);
    };
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
