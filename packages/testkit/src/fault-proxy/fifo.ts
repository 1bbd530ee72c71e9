/** A first-in-first-out queue whose operations all take constant time (amortised), however long it is. */
export class Fifo<Item> {
  #items: Item[] = [];
  /** Items before this index have left; they are cut off once they are the greater part. */
  #start = 0;

  /** The item that has waited longest. */
  get first(): Item | undefined {
    return this.#items[this.#start];
  }

  /** Adds an item behind all others. */
  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the first item out; without one nothing happens. */
  shift(): void {
    if (this.#start < this.#items.length) this.#start += 1;
    if (this.#start * 2 <= this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  /** Puts another item in the place of the first one, or in an empty queue. */
  replaceFirst(item: Item): void {
    this.#items[this.#start] = item;
  }

  /** Forgets everything. */
  clear(): void {
    this.#items = [];
    this.#start = 0;
  }
}
