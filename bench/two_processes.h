// A server that is measured and its clients in a process of their own, with a pipe each way.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace bulla::bench {

/// One end of the two pipes.
struct Pipes {
  int from, to;

  template <class T>
  bool tell(const T& what) const {
    return ::write(to, &what, sizeof what) == static_cast<ssize_t>(sizeof what);
  }
  template <class T>
  bool hear(T& what) const {
    return ::read(from, &what, sizeof what) == static_cast<ssize_t>(sizeof what);
  }
};

/// What `server` gives, while `clients` run in a child process that ends with what they return; -1 where
/// there is no child, or it did not end with 0.
template <class Server, class Clients>
double with_clients(const Server& server, const Clients& clients) {
  int down[2], up[2];
  if (::pipe(down) != 0 || ::pipe(up) != 0) return -1;
  const pid_t child = ::fork();
  if (child < 0) return -1;
  if (child == 0) {
    ::close(down[1]);
    ::close(up[0]);
    ::_exit(clients(Pipes{down[0], up[1]}));
  }
  ::close(down[0]);
  ::close(up[1]);
  const double figure = server(Pipes{up[0], down[1]});
  ::close(down[1]);
  ::close(up[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0 ? figure : -1;
}

}  // namespace bulla::bench
