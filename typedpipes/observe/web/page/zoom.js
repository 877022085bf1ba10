// The size of the drawing: as a whole if it can be read then, or else scrolled, dragged and enlarged.

const LEAST = 0.08;
const MOST = 3;
export const READABLE = 0.62;       // of its size: a graph that would be smaller is scrolled at first
const CLOSE = 1.6;          // a small graph fills the page up to this size

export class Zoom {
  constructor(frame, drawing, { changed }) {
    this.frame = frame;
    this.drawing = drawing;
    this.changed = changed;
    this.scale = 1;
    this.least = READABLE;
    this.follows = true;    // the size of the frame
    frame.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.grab(event));
    frame.addEventListener("click", (event) => this.release(event), true);
    new ResizeObserver(() => this.follows && this.fit(this.least)).observe(frame);
  }

  // As a whole, unless it would be smaller than that.
  fit(least = 0) {
    if (!this.drawing.svg) return;
    const { width, height } = this.drawing.size;
    const { clientWidth, clientHeight } = this.frame;
    const whole = Math.min((clientWidth - 18) / width, (clientHeight - 18) / height, CLOSE);
    this.set(Math.max(whole, least));
    this.least = least;
    this.follows = true;
  }

  by(factor, x = this.frame.clientWidth / 2, y = this.frame.clientHeight / 2) {
    const { frame } = this;
    const before = this.scale;
    const [left, top] = [(frame.scrollLeft + x) / before, (frame.scrollTop + y) / before];
    this.set(before * factor);
    frame.scrollTo(left * this.scale - x, top * this.scale - y);
    this.follows = false;
  }

  set(scale) {
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
    const { svg, size } = this.drawing;
    svg.style.width = `${size.width * this.scale}px`;
    svg.style.height = `${size.height * this.scale}px`;
    this.changed(this.scale);
  }

  turn(event) {
    if (!event.ctrlKey && !event.metaKey) return;      // else it scrolls
    event.preventDefault();
    const { left, top } = this.frame.getBoundingClientRect();
    this.by(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  }

  // What ends where it was dragged to is no click.
  release(event) {
    if (this.wasDragged) event.stopPropagation();
    this.wasDragged = false;
  }

  grab(event) {
    if (event.button !== 0 || event.pointerType !== "mouse") return;
    const { frame } = this;
    this.wasDragged = false;
    const from = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
    const move = ({ clientX, clientY }) => {
      this.wasDragged ||= Math.hypot(clientX - event.clientX, clientY - event.clientY) > 4;
      frame.classList.add("dragged");
      frame.scrollTo(from.x - clientX, from.y - clientY);
    };
    const drop = () => {
      frame.classList.remove("dragged");
      removeEventListener("pointermove", move);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop, { once: true });
  }
}
