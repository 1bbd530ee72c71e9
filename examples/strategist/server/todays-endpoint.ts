// The feed as the application has it today: plain Server-Sent Events without ids and without
// history. What happens while nobody is connected is not sent later.
//
// In one respect it is kinder than the original, which ends every stream after ten items and repeats
// its newest rows: nothing is lost or repeated here but through the network.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { FeedItem } from "./messages.js";
import { findWard, type Ward } from "./scenario/city.js";
import type { Priority } from "./scenario/story.js";

/** The endpoint `GET /api/v1/strategist/feed?ward=<name or All>&priority=<all|high|critical>`. */
export interface TodaysEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Sends an item to everybody who is connected now and wants it. */
  broadcast(item: FeedItem, atMs: number): void;
  /** Ends all streams. */
  close(): void;
}

interface Subscriber {
  readonly response: ServerResponse;
  /** `undefined` for all wards. */
  readonly ward: Ward | undefined;
  readonly wardParameter: string;
  readonly priority: PriorityFilter;
  readonly connectionId: string;
}

type PriorityFilter = "all" | "high" | "critical";

const HEARTBEAT_EVERY_MS = 30_000;
const LONGEST_WARD = 100;

/** Builds the endpoint with nobody connected. */
export function createTodaysEndpoint(): TodaysEndpoint {
  const subscribers = new Set<Subscriber>();
  const heartbeat = setInterval(() => {
    for (const { response, connectionId, wardParameter } of subscribers) {
      send(response, {
        type: "heartbeat",
        timestamp: Date.now() / 1000,
        connection_id: connectionId,
        ward: wardParameter,
      });
    }
  }, HEARTBEAT_EVERY_MS);
  heartbeat.unref();

  function accept(response: ServerResponse, wardParameter: string, priority: PriorityFilter): void {
    const subscriber = {
      response,
      ward: findWard(wardParameter),
      wardParameter,
      priority,
      connectionId: `${wardParameter}_${Date.now()}`,
    };
    subscribers.add(subscriber);
    response.on("close", () => subscribers.delete(subscriber));
    send(response, {
      type: "connection",
      data: {
        status: "connected",
        ward: wardParameter,
        priority,
        server_time: new Date().toISOString(),
      },
      timestamp: Date.now() / 1000,
      connection_id: subscriber.connectionId,
    });
  }

  return {
    handle(request, response) {
      const { searchParams } = new URL(request.url ?? "/", "http://feed");
      const ward = (searchParams.get("ward") ?? "").trim();
      const priority = searchParams.get("priority") ?? "all";
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-store, must-revalidate",
        "x-accel-buffering": "no",
      });
      const complaint = complain(ward, priority);
      if (complaint === undefined) {
        accept(response, ward, priority as PriorityFilter);
      } else {
        // Today's server says so with status 200, which makes an EventSource come back for ever.
        send(response, { type: "error", message: complaint });
        response.end();
      }
    },

    broadcast(item, atMs) {
      for (const subscriber of subscribers) {
        if (!isWanted(item, subscriber)) continue;
        send(subscriber.response, {
          ...item.message,
          timestamp: atMs / 1000,
          connection_id: subscriber.connectionId,
        });
      }
    },

    close() {
      clearInterval(heartbeat);
      for (const { response } of subscribers) response.end();
    },
  };
}

function complain(ward: string, priority: string): string | undefined {
  if (ward === "") return "Ward parameter is required";
  if (ward.length > LONGEST_WARD) return "Ward name too long";
  if (!["all", "high", "critical"].includes(priority)) return `Invalid priority: ${priority}`;
  return undefined;
}

function isWanted(item: FeedItem, { ward, wardParameter, priority }: Subscriber): boolean {
  const isHere = ward === undefined ? wardParameter.toLowerCase() === "all" : item.ward === ward;
  return isHere && prioritiesOf[priority].includes(item.priority);
}

const prioritiesOf: Readonly<Record<PriorityFilter, readonly Priority[]>> = {
  all: ["critical", "high", "medium", "low"],
  high: ["critical", "high"],
  critical: ["critical"],
};

function send(response: ServerResponse, message: object): void {
  response.write(`data: ${JSON.stringify(message)}\n\n`);
}
