#include "os/resolve.h"

#include "os/system_error.h"

#include <netdb.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace bulla::os {
namespace {

/// A question to the system's resolver, and its answer once there is one.
struct Lookup {
  std::string host, port;
  addrinfo hints = {};
  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;
  int status = 0;
  int system_error = 0;
  std::vector<Address> addresses;
};

void ask(Lookup& lookup) {
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(lookup.host.empty() ? nullptr : lookup.host.c_str(), lookup.port.c_str(),
                                   &lookup.hints, &list);
  const int system_error = errno;
  const std::lock_guard lock(lookup.mutex);
  lookup.status = status;
  lookup.system_error = system_error;
  for (const addrinfo* info = list; info; info = info->ai_next) {
    if (info->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
    lookup.addresses.push_back(address);
  }
  if (list) ::freeaddrinfo(list);
  lookup.done = true;
  lookup.answered.notify_all();
}

/// RFC 8305 §4: the families by turns, beginning with that of the first address.
std::vector<Address> by_turns(const std::vector<Address>& addresses) {
  std::vector<Address> first, second, out;
  for (const Address& address : addresses)
    (address.family() == addresses.front().family() ? first : second).push_back(address);
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

Error failure(const Lookup& lookup) {
  if (lookup.status == EAI_SYSTEM)
    return system_error(ErrorCode::dns_failed, lookup.host, lookup.system_error);
  return Error{ErrorCode::dns_failed, printable(lookup.host) + ": " + ::gai_strerror(lookup.status)};
}

}  // namespace

Result<std::vector<Address>> resolve(const Endpoint& where, ResolveFor use, Deadline deadline) {
  const auto lookup = std::make_shared<Lookup>();
  lookup->host = where.host;
  lookup->port = std::to_string(where.port);
  lookup->hints.ai_socktype = SOCK_STREAM;
  lookup->hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST | (use == ResolveFor::listen ? AI_PASSIVE : 0);
  ask(*lookup);  // an address needs no name server
  if (lookup->status == EAI_NONAME) {
    lookup->hints.ai_flags &= ~AI_NUMERICHOST;
    lookup->done = false;
    // getaddrinfo knows no time limit, so it waits in a thread of its own, which is left behind if it must
    // be.
    try {
      std::thread([lookup] { ask(*lookup); }).detach();
    } catch (const std::system_error& error) {
      return os::system_error(ErrorCode::dns_failed, "a thread for the name " + printable(where.host),
                              error.code().value());
    }
    std::unique_lock lock(lookup->mutex);
    const auto is_done = [&] { return lookup->done; };
    const int milliseconds = deadline.poll_timeout();
    if (milliseconds < 0)
      lookup->answered.wait(lock, is_done);
    else if (!lookup->answered.wait_for(lock, Milliseconds(milliseconds), is_done))
      return Error{ErrorCode::timeout, "no answer about the name " + printable(where.host)};
  }
  const std::lock_guard lock(lookup->mutex);
  if (lookup->status != 0) return failure(*lookup);
  if (lookup->addresses.empty()) return Error{ErrorCode::dns_failed, printable(where.host) + ": no address"};
  return by_turns(lookup->addresses);
}

}  // namespace bulla::os
