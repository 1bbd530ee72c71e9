import type { LinkState } from "../data/use-feed.js";
import type { SourceHandle } from "../data/use-source.js";
import { duration, wallClock } from "../model/words.js";

/**
 * What the server says of the back end that fills the feed: the light is about the connection to the
 * server, and may well be green while nothing new can come.
 */
export function SourceRemark(props: {
  readonly source: SourceHandle;
  readonly linkState: LinkState;
}) {
  const { source, linkState } = props;
  const { timeline, reason } = source;
  const now = timeline.at(-1);
  const before = timeline.at(-2);
  if (now?.state === "silent" && linkState === "live") {
    return (
      <p className="source-remark source-silent" role="status">
        Connected; the source is silent since {wallClock(now.fromMs)} ({reason}).
      </p>
    );
  }
  if (now?.state === "heard" && before?.state === "silent") {
    return (
      <p className="source-remark" role="status">
        The source was silent from {wallClock(before.fromMs)} for{" "}
        {duration(now.fromMs - before.fromMs)} ({reason}).
      </p>
    );
  }
  return null;
}
