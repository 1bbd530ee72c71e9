export { createPublisher } from "./publisher.js";
export type {
  ProducerIdentity,
  PublishEvent,
  Published,
  Publisher,
  PublisherOptions,
  PublishFetch,
  PublishHeaders,
  PublishOptions,
  PublishRequest,
  PublishResponse,
} from "./types.js";
