// bogo_shim: lets BoringSSL's test runner drive this library. One process a test, one or more connections.
#include "bogo/checks.h"
#include "bogo/conversation.h"
#include "bogo/reasons.h"

#include <csignal>
#include <cstdio>

namespace bulla::bogo {
namespace {

/// The runner's names are in :colons: on standard error.
int report(const Outcome& outcome) {
  if (outcome.error) {
    std::fputs(reason_for_runner(*outcome.error).c_str(), stderr);
    return outcome.error->code == ErrorCode::internal ? shim_bug : connection_failed;
  }
  if (outcome.complaint) {
    std::fprintf(stderr, "unexpected: %s\n", outcome.complaint->c_str());
    return shim_bug;
  }
  return success;
}

int cannot_prepare(const Error& error) {
  std::fputs(reason_for_runner(error).c_str(), stderr);
  return means_not_implemented(error.code) ? not_implemented : connection_failed;
}

int run_connection(const Flags& flags, unsigned number, Time now, ClockOffset offset, const Memory& memory) {
  const auto observer = std::make_shared<Observer>();
  auto prepared = prepare(flags, offset, memory, observer);
  if (!prepared) return cannot_prepare(prepared.error());
  auto socket = Socket::connect(flags);
  if (!socket) return report({socket.error()});

  Link link(flags, now, *std::move(prepared), *std::move(socket));
  const auto seen = [&] { return Seen{*observer, number == 0, 0, memory.server->puts()}; };
  Outcome outcome =
      converse(link, flags, [&](const ConnectionInfo& info) { return check_handshake(flags, info, seen()); });
  link.close();
  if (!outcome.error && !outcome.complaint) {
    Seen end = seen();
    end.new_sessions = memory.client->news();
    outcome.complaint = check_end(flags, link.connection().info(), end);
  }
  return report(outcome);
}

int run(std::span<const char* const> arguments) {
  const ParsedCommandLine parsed = parse_command_line(arguments);
  if (parsed.unknown) {
    std::printf("not implemented: %s\n", parsed.unknown->c_str());
    return not_implemented;
  }
  const Flags& first = parsed.flags.initial;
  if (first.is_handshaker_supported) {
    std::puts("No");
    return success;
  }
  if (first.control == "always-fails") return connection_failed;
  if (first.wait_for_debugger) std::raise(SIGSTOP);

  Memory memory;
  memory.tickets = RotatingTickets::fresh(Seconds{30 * 24 * 3600});
  const unsigned connections = 1 + static_cast<unsigned>(first.resume_count.value_or(0));
  // The clock stands still but for -resumption-delay: the runner counts ticket ages exactly.
  const Time start = now();
  ClockOffset offset{0};
  for (unsigned i = 0; i < connections; ++i) {
    const Flags& flags = parsed.flags.of(i);
    if (i > 0) offset += Seconds{static_cast<int64_t>(flags.resumption_delay.value_or(0))};
    if (const int status = run_connection(flags, i, start + offset, offset, memory); status != success)
      return status;
  }
  return success;
}

}  // namespace
}  // namespace bulla::bogo

int main(int argc, char** argv) {
  const std::span<const char* const> all(argv, static_cast<size_t>(argc));
  return bulla::bogo::run(all.subspan(1));
}
