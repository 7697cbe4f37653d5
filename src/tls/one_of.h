// State transitions as types. A handler says in its return type where it may lead:
//   Result<OneOf<WaitCertCr, WaitFinished>> WaitEe::on(const EncryptedExtensions&, Context&) &&;
// The one dispatcher widens that into the variant of all states. A message that the present state has no
// handler for meets the single unexpected_message below.
#pragma once

#include <bulla/result.h>

#include <type_traits>
#include <utility>
#include <variant>

namespace bulla::tls {

template <class... States>
class OneOf {
 public:
  template <class S>
    requires(std::is_same_v<S, States> || ...)
  OneOf(S state) : state_(std::move(state)) {}
  template <class... Fewer>
  OneOf(OneOf<Fewer...> fewer)
      : state_(std::visit([](auto&& s) -> std::variant<States...> { return std::forward<decltype(s)>(s); },
                          std::move(fewer).state())) {}
  std::variant<States...>&& state() && noexcept { return std::move(state_); }

 private:
  std::variant<States...> state_;
};

/// The arrows of several handlers together: Join<OneOf<A, B>, OneOf<C>> is OneOf<A, B, C>.
template <class... Sets>
struct JoinSets;
template <class... A>
struct JoinSets<OneOf<A...>> {
  using type = OneOf<A...>;
};
template <class... A, class... B, class... Rest>
struct JoinSets<OneOf<A...>, OneOf<B...>, Rest...> : JoinSets<OneOf<A..., B...>, Rest...> {};
template <class... Sets>
using Join = typename JoinSets<Sets...>::type;

/// The variant of a set, with one more alternative in front.
template <class First, class Set>
struct BlockOf;
template <class First, class... States>
struct BlockOf<First, OneOf<States...>> {
  using type = std::variant<First, States...>;
};

/// Whether `State` has a handler for `Message`.
template <class State, class Message, class Context>
concept Accepts = requires(State&& state, Message&& message, Context& context) {
  std::move(state).on(std::forward<Message>(message), context);
};

template <class Block, class State>
void widen(State next, Block& block) {
  block = std::move(next);
}
template <class Block, class... States>
void widen(OneOf<States...> next, Block& block) {
  std::visit([&](auto&& state) { block = std::forward<decltype(state)>(state); }, std::move(next).state());
}

/// Gives `message` to the present state and moves to the next. `refused` is returned where there is no
/// handler.
template <class Block, class Message, class Context>
Result<void> dispatch(Block& block, Message&& message, Context& context, const auto& refused) {
  return std::visit(
      [&](auto& state) -> Result<void> {
        using State = std::remove_reference_t<decltype(state)>;
        if constexpr (Accepts<State, Message, Context>) {
          auto next = std::move(state).on(std::forward<Message>(message), context);
          if (!next) return std::move(next).error();
          widen(*std::move(next), block);
          return {};
        } else {
          return refused(State::name);
        }
      },
      block);
}

}  // namespace bulla::tls
