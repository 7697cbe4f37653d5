#include "bogo/link.h"

#include <cstring>

namespace bulla::bogo {
namespace {

/// A record of the largest kind and half of the next.
constexpr size_t buffer_size = 32 * 1024;

bool matters(const Event& event) {
  return !std::holds_alternative<NeedInput>(event) && !std::holds_alternative<NeedAnswer>(event) &&
         !std::holds_alternative<Operation>(event);
}

}  // namespace

Link::Link(const Flags& flags, Time now, Prepared&& prepared, Socket&& socket)
    : flags_(flags),
      now_(now),
      connection_(std::move(prepared.connection)),
      services_(prepared.services),
      socket_(std::move(socket)),
      buffer_(buffer_size) {}

Event Link::turn(MutBytes& in) {
  Event event = connection_.next(in, output_, now_);
  flush();
  if (auto* operation = std::get_if<Operation>(&event)) pending_.push_back(std::move(*operation));
  return event;
}

Event Link::next() {
  while (true) {
    MutBytes in = MutBytes(buffer_).subspan(begin_, shown_ - begin_);
    Event event = turn(in);
    begin_ = shown_ - in.size();
    if (matters(event)) return event;
    if (std::holds_alternative<Operation>(event)) continue;
    // The operation is answered a turn after it came; the newest first, since no order is promised.
    if (answer_one()) continue;
    if (std::holds_alternative<NeedAnswer>(event))
      return Failed{Error{ErrorCode::internal, "NeedAnswer, but no operation is pending"}};
    if (!more_input()) return connection_.end_of_input();
  }
}

std::optional<Error> Link::settle() {
  while (true) {
    MutBytes nothing;
    Event event = turn(nothing);
    if (auto* failed = std::get_if<Failed>(&event)) return std::move(failed->error);
    if (matters(event)) return Error{ErrorCode::internal, "an event without input"};
    if (!std::holds_alternative<Operation>(event) && !answer_one()) return std::nullopt;
  }
}

bool Link::answer_one() {
  if (pending_.empty()) return false;
  const Operation operation = std::move(pending_.back());
  pending_.pop_back();
  Answer answer = perform(operation, *services_);
  if (kind_of(operation) == OperationKind::select_identity) {
    if (flags_.fail_cert_callback) answer = Error{ErrorCode::operation_failed, ":identity_refused:"};
    if (flags_.server && flags_.fail_ocsp_callback)
      answer = Error{ErrorCode::operation_failed, ":ocsp_refused:"};
  }
  // An answer that is not taken would show as NeedAnswer without end.
  return connection_.complete(operation.id, std::move(answer)).ok();
}

/// Shows the engine one more byte (-async) or all that can be had; false at the end of the transport.
bool Link::more_input() {
  if (shown_ == end_) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    shown_ = end_;
    const size_t n = socket_.receive(MutBytes(buffer_).subspan(end_));
    if (n == 0) return false;
    end_ += n;
  }
  shown_ = flags_.async ? shown_ + 1 : end_;
  return true;
}

void Link::flush() {
  while (!output_.empty()) {
    Bytes pending = output_.pending();
    if (holding_) {
      if (held_one_) return;
      pending = pending.first(1);
      held_one_ = true;
    }
    if (!socket_.send(pending)) lost_ = true;
    output_.sent(pending.size());
  }
}

void Link::hold_after_one_byte() {
  holding_ = true;
  held_one_ = false;
}

void Link::release() {
  if (!std::exchange(holding_, false)) return;
  flush();
}

}  // namespace bulla::bogo
