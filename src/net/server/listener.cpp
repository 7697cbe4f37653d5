#include "net/server/listener.h"

#include "net/server/worker.h"
#include "os/resolve.h"
#include "os/system_error.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace bulla::net {
namespace {

/// Connections accepted in one turn, so that those that are there are served as well.
constexpr int accepts_per_turn = 64;
constexpr Milliseconds starved_pause{200};

Descriptor open_reserve() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_starved(int number) {
  return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

}  // namespace

Listener::Listener(Worker& worker, Descriptor socket)
    : worker_(worker), socket_(worker.loop()), pause_(worker.loop()), reserve_(open_reserve()) {
  socket_.assign(socket.number());
  socket.release();
}

void Listener::stop() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  pause_.cancel();
}

void Listener::wait() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& ec) {
                       if (!ec) accept_some();
                     });
}

void Listener::accept_some() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    const int number = ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&storage), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (number < 0 && is_starved(errno)) return pause();
    if (number < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (number < 0) continue;  // the client is gone again (accept(2)), or a signal came
    starved_ = false;
    const int on = 1;
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    worker_.accept(Descriptor(number), os::endpoint_of(storage));
  }
  wait();
}

/// No descriptor left. The waiting connection would wake this loop again and again; so it is taken with the
/// reserve and closed, and the rest waits in the kernel's queue until some connections have ended.
void Listener::pause() {
  if (!starved_)
    worker_.shared().notice({}, "accepting pauses",
                            os::system_error(ErrorCode::too_many_files, "accept", errno));
  starved_ = true;
  count(worker_.shared().metrics.accept_pauses);
  refuse_one();
  pause_.expires_after(starved_pause);
  pause_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) accept_some();
  });
}

void Listener::refuse_one() {
  if (reserve_) {
    reserve_.close();
    const Descriptor refused(
        ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (refused) count(worker_.shared().metrics.refused);
  }
  reserve_ = open_reserve();
}

}  // namespace bulla::net
