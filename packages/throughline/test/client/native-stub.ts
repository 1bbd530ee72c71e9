// A stand-in for the browser's class, driven by the test.

export class NativeStub extends EventTarget {
  static readonly made: NativeStub[] = [];
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readyState = 0;
  readonly url: string;
  readonly init: { withCredentials?: boolean };
  constructor(url: string, init: { withCredentials?: boolean } = {}) {
    super();
    this.url = url;
    this.init = init;
    NativeStub.made.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }
  fail(readyState: 0 | 2): void {
    this.readyState = readyState;
    this.onerror?.(new Event("error"));
  }
  say(type: string, data: string, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin: "http://a.test" }));
  }
}
