/* What the system's own write() costs: a server of event streams that does nothing else. One process, one
 * epoll, and for whatever is published one write() per connection, of one buffer that all of them share.
 * No ids, no history, no limits, no timers: the floor, not a product.
 *
 * GET: a reader. POST: the body is events, one a line; all of them leave in one write. Whoever shows a
 * Last-Event-ID is sent the last ten again. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_FDS 65536
#define MOST_BODY (1 << 20)
#define KEPT 10
#define LONGEST_EVENT 1024

static char is_reader[MOST_FDS];
static int readers[MOST_FDS], reader_count, seat_of[MOST_FDS];
static char kept[KEPT][LONGEST_EVENT];
static int kept_length[KEPT], published;
static char input[MOST_BODY + 4096], output[2 * MOST_BODY];

static void fail(const char *what) { perror(what); exit(1); }

static void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = write(fd, bytes, length);
    if (taken < 0 && errno == EAGAIN) continue; /* Readers here always read. */
    if (taken < 0) return;
    bytes += taken;
    length -= (size_t)taken;
  }
}

static void leave(int fd) {
  if (is_reader[fd]) {
    int last = readers[--reader_count];
    readers[seat_of[fd]] = last;
    seat_of[last] = seat_of[fd];
    is_reader[fd] = 0;
  }
  close(fd);
}

static void subscribe(int fd, const char *request) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n:\n\n\r\n";
  write_all(fd, head, sizeof head - 1);
  if (strstr(request, "Last-Event-ID") != NULL) {
    size_t length = 0;
    for (int age = KEPT; age > 0; age--) {
      int slot = (published - age) % KEPT;
      if (published < age) continue;
      memcpy(output + length, kept[slot], (size_t)kept_length[slot]);
      length += (size_t)kept_length[slot];
    }
    write_all(fd, output, length);
  }
  is_reader[fd] = 1;
  seat_of[fd] = reader_count;
  readers[reader_count++] = fd;
}

static void publish(int fd, char *body) {
  static char events[MOST_BODY + MOST_BODY / 2];
  size_t length = 0;
  for (char *line = strtok(body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *event = kept[published % KEPT];
    char text[LONGEST_EVENT];
    int bytes = snprintf(text, sizeof text, "id: %d\ndata: %s\n\n", published, line);
    length += (size_t)sprintf(events + length, "%s", text);
    kept_length[published++ % KEPT] = sprintf(event, "%x\r\n%s\r\n", bytes, text);
  }
  int total = sprintf(output, "%zx\r\n", length);
  memcpy(output + total, events, length);
  total += (int)length;
  memcpy(output + total, "\r\n", 2);
  for (int seat = 0; seat < reader_count; seat++) write_all(readers[seat], output, (size_t)total + 2);
  static const char answer[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  write_all(fd, answer, sizeof answer - 1);
}

static void take(int fd) {
  size_t length = 0;
  for (;;) {
    ssize_t got = read(fd, input + length, sizeof input - 1 - length);
    if (got == 0 || (got < 0 && errno != EAGAIN)) { leave(fd); return; }
    if (got > 0) length += (size_t)got;
    if (length == 0) return;
    input[length] = 0;
    char *body = strstr(input, "\r\n\r\n");
    if (is_reader[fd]) return;
    if (body == NULL) continue;
    if (strncmp(input, "GET", 3) == 0) { subscribe(fd, input); return; }
    char *field = strstr(input, "Content-Length:");
    size_t wanted = field == NULL ? 0 : strtoul(field + 15, NULL, 10);
    if (length - (size_t)(body + 4 - input) < wanted) continue;
    publish(fd, body + 4);
    return;
  }
}

int main(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  int poll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(poll, ready, 256, -1);
    for (int index = 0; index < count; index++) {
      int fd = ready[index].data.fd;
      if (fd != listener) { take(fd); continue; }
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        int yes = 1;
        if (fd >= MOST_FDS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}
