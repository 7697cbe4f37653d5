// Accepts connections for one loop, and survives having no file descriptor left.
#pragma once

#include <bulla/os.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace bulla::net {

class Worker;

class Listener {
 public:
  Listener(Worker& worker, Descriptor socket);
  void start() { wait(); }
  /// Closes the socket.
  void stop();

 private:
  void wait();
  void accept_some();
  void refuse_one();
  void pause();

  Worker& worker_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  /// An open descriptor to give up when there is no other: with it a waiting client can at least be told no.
  Descriptor reserve_;
  bool starved_ = false;  // no descriptor was left at the last try
};

}  // namespace bulla::net
