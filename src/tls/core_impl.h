// What both roles' cores share: operations in and out, messages to states. Roles add what they decode.
#pragma once

#include "tls/core.h"
#include "tls/msg/authentication.h"
#include "tls/one_of.h"

#include <algorithm>

namespace bulla::tls {

/// `Block` is the variant of all states of the role, `Ctx` its context.
template <class Block, class Ctx>
class CoreBase : public HandshakeCore {
 public:
  template <class... Args>
  explicit CoreBase(Block first, Args&&... args)
      : block_(std::move(first)), ctx_(std::forward<Args>(args)...) {}

  Result<void> receive_change_cipher_spec(Time now) final {
    ctx_.now = now;
    const bool dropped = std::visit(
        [](const auto& state) {
          return requires { std::remove_cvref_t<decltype(state)>::drops_change_cipher_spec; };
        },
        block_);
    if (dropped) return {};
    BULLA_TRY(dispatch(block_, ChangeCipherSpec{}, ctx_, [](std::string_view state) {
      return Error{ErrorCode::unexpected_change_cipher_spec, "in state " + std::string(state)};
    }));
    return answer_inline();
  }

  Result<void> check_answer(OperationId id, const Answer& answer) const final {
    const auto pending = std::ranges::find(outside_, id, &Outside::id);
    if (pending == outside_.end()) return ErrorCode::unknown_operation;
    if (!fits(pending->kind, answer))
      return Error{ErrorCode::unknown_operation, "the answer is of another type"};
    return {};
  }

  Result<void> complete(OperationId id, Answer answer, Time now) final {
    ctx_.now = now;
    BULLA_TRY(check_answer(id, answer));
    const auto pending = std::ranges::find(outside_, id, &Outside::id);
    const OperationKind kind = pending->kind;
    outside_.erase(pending);
    BULLA_TRY(deliver(id, kind, std::move(answer)));
    return answer_inline();
  }

  void hand_out(OperationSet kinds) final { external_ = external_ | kinds; }

  std::optional<Operation> take_operation() final {
    if (for_outside_.empty()) return std::nullopt;
    Operation operation = std::move(for_outside_.front());
    for_outside_.erase(for_outside_.begin());
    return operation;
  }

  bool awaits_answer() const noexcept final {
    return std::visit(
        [](const auto& state) { return requires { std::remove_cvref_t<decltype(state)>::awaits_answer; }; },
        block_);
  }
  bool has_pending_operations() const noexcept final { return !outside_.empty(); }
  std::string_view state() const noexcept final {
    return std::visit([](const auto& state) { return std::remove_cvref_t<decltype(state)>::name; }, block_);
  }
  Connected* connected() noexcept final { return std::get_if<Connected>(&block_); }
  const Context& context() const noexcept final { return ctx_; }

 protected:
  template <class Message>
  Result<void> give(Message&& message, HandshakeType type) {
    return dispatch(block_, std::forward<Message>(message), ctx_, [&](std::string_view state) {
      return Error{ErrorCode::unexpected_message, name_of(type) + " in state " + std::string(state)};
    });
  }
  /// Decodes and gives; a message that the state has no handler for is refused before it is decoded.
  template <class Message, class... More>
  Result<void> decode_and_give(const HandshakeMessage& m, More... more) {
    const bool accepted = std::visit(
        [](const auto& state) { return Accepts<std::remove_cvref_t<decltype(state)>, const Message&, Ctx>; },
        block_);
    if (!accepted)
      return Error{ErrorCode::unexpected_message, name_of(m.type) + " in state " + std::string(state())};
    BULLA_TRY(const Message message, Message::decode(m.body, more...));
    return give(message, m.type);
  }

  /// Answers what handlers asked for, until nothing is left that is answered inline.
  Result<void> answer_inline() {
    while (!ctx_.operations.empty()) {
      Operation operation = std::move(ctx_.operations.front());
      ctx_.operations.erase(ctx_.operations.begin());
      const OperationKind kind = kind_of(operation);
      if (external_.has(kind)) {
        outside_.push_back({operation.id, kind});
        for_outside_.push_back(std::move(operation));
        continue;
      }
      Answer answer = perform(operation, ctx_.services);
      BULLA_TRY(deliver(operation.id, kind, std::move(answer)));
    }
    return {};
  }

  bool in_tls12() const noexcept { return ctx_.info.version == ProtocolVersion::tls12; }

  Block block_;
  Ctx ctx_;

 private:
  struct Outside {
    OperationId id;
    OperationKind kind;
  };

  /// The alternative of Answer that belongs to each kind, in the order of OperationKind.
  static bool fits(OperationKind kind, const Answer& answer) {
    static constexpr bool (*holds[])(const Answer&) = {
        std::holds_alternative<KeyPair>,       std::holds_alternative<Encapsulated>,
        std::holds_alternative<SharedSecret>,  std::holds_alternative<SelectedIdentity>,
        std::holds_alternative<Signature>,     std::holds_alternative<SignatureVerified>,
        std::holds_alternative<ChainVerified>, std::holds_alternative<Ticket>,
        std::holds_alternative<SessionState>,  std::holds_alternative<SessionState>,
    };
    return std::holds_alternative<Error>(answer) || holds[static_cast<size_t>(kind)](answer);
  }

  /// Failing to seal, open or find a session costs the resumption only; any other failure ends the handshake.
  static Answer without_error(OperationKind kind, Answer answer) {
    if (!std::holds_alternative<Error>(answer)) return answer;
    if (kind == OperationKind::seal_ticket) return Ticket{};
    if (kind == OperationKind::open_ticket || kind == OperationKind::lookup_session) return SessionState{};
    return answer;
  }

  /// Whether an answer can be worked with: a secret that is empty would be a secret that everybody knows, and
  /// what goes on the wire must fit behind its length there.
  bool usable(const Answer& answer) const noexcept {
    const size_t longest_share = in_tls12() ? 0xff : 0xffff;
    const auto is_share = [&](size_t size) { return size > 0 && size <= longest_share; };
    if (const auto* a = std::get_if<KeyPair>(&answer))
      return !a->private_key.empty() && is_share(a->share.size());
    if (const auto* a = std::get_if<Encapsulated>(&answer))
      return !a->secret.empty() && is_share(a->share.size());
    if (const auto* a = std::get_if<SharedSecret>(&answer)) return !a->secret.empty();
    if (const auto* a = std::get_if<Signature>(&answer))
      return !a->bytes.empty() && a->bytes.size() <= 0xffff;
    if (const auto* a = std::get_if<Ticket>(&answer)) return a->bytes.size() <= 0xffff;
    return true;
  }

  Result<void> deliver(OperationId id, OperationKind kind, Answer answer) {
    if (!usable(answer)) answer = Error{ErrorCode::operation_failed, name_of(kind) + ": empty or too long"};
    answer = without_error(kind, std::move(answer));
    return std::visit(
        [&]<class T>(T& value) -> Result<void> {
          if constexpr (std::is_same_v<T, Error>) {
            // It ends the handshake, unless the state has a handler that can do without the answer.
            return dispatch(block_, Answered<Error>{id, value}, ctx_,
                            [&](std::string_view) { return value; });
          } else {
            return dispatch(block_, Answered<T>{id, std::move(value)}, ctx_, [](std::string_view state) {
              return Error{ErrorCode::internal, "an answer came in state " + std::string(state)};
            });
          }
        },
        answer);
  }

  OperationSet external_ = ctx_.common.external_operations;
  std::vector<Outside> outside_;
  std::vector<Operation> for_outside_;
};

}  // namespace bulla::tls
