// (stand-in)
export interface ThreadSlot {
  release(by: "backend" | "us"): void;
}
export interface ThreadWish {
  readonly releaseMs: number;
  isNeeded(): boolean;
  giveUp(): void;
}
export interface ThreadBudget {
  take(wish: ThreadWish): Promise<ThreadSlot>;
}
