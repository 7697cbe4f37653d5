// Result<T>: a value or an Error. Nothing is thrown across the library.
#pragma once

#include <bulla/error.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace bulla {

/// Ends a `value()` on a failed Result: throws BadResult, which carries the explained error. The only throw
/// in the library, for callers who like exceptions; it is out of line so that nothing else pays for it.
[[noreturn]] void throw_bad_result(const Error& error);

/// A value or the error that explains why there is none. Test it, then use `*` and `->`, or call `value()`.
/// After a move only assignment and destruction make sense.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;  ///< what a success holds
  /// Success.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  /// Success, from anything that converts to T, so that a state widens into the set of states it belongs to.
  template <class U>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, ErrorCode> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  /// Failure, with its evidence.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  /// Failure with nothing to add to the row of errors.def.
  Result(ErrorCode code) : state_(std::in_place_index<1>, Error{code}) {}

  bool ok() const noexcept { return state_.index() == 0; }  ///< success: there is a value
  explicit operator bool() const noexcept { return ok(); }  ///< the same as ok()

  /// The value; only where ok(), which is not checked. Of a temporary: a reference into it.
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }    ///< likewise
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }  ///< likewise
  /// The value's members; only where ok().
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }  ///< likewise

  /// The value, or BadResult thrown. Of a temporary: a reference into it, so copy or move it at once.
  T& value() & { return require(), **this; }
  const T& value() const& { return require(), **this; }    ///< likewise
  T&& value() && { return require(), std::move(**this); }  ///< likewise

  /// The error; only where !ok(), which is not checked.
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }  ///< likewise

 private:
  void require() const {
    if (!ok()) throw_bad_result(error());
  }
  std::variant<T, Error> state_;
};

/// Success without a value, or the error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;  ///< what a success holds: nothing
  Result() noexcept {}      // if it were defaulted, `return {}` would write zeros over the room for an error
  /// Failure, with its evidence.
  Result(Error error) : error_(std::move(error)) {}
  /// Failure with nothing to add to the row of errors.def.
  Result(ErrorCode code) : error_(Error{code}) {}

  bool ok() const noexcept { return !error_.has_value(); }  ///< success
  explicit operator bool() const noexcept { return ok(); }  ///< the same as ok()
  /// Nothing, or BadResult thrown.
  void value() const {
    if (!ok()) throw_bad_result(*error_);
  }
  /// The error; only where !ok(), which is not checked.
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return std::move(*error_); }  ///< likewise

 private:
  std::optional<Error> error_;
};

}  // namespace bulla

/// The only macro that changes control flow: `BULLA_TRY(expr)` returns the error of a failed Result from the
/// function around it; `BULLA_TRY(auto v, expr)` also declares `v` with the value.
#define BULLA_TRY(...) BULLA_TRY_PICK_(__VA_ARGS__, BULLA_TRY_2_, BULLA_TRY_1_)(__VA_ARGS__)
#define BULLA_TRY_PICK_(a, b, name, ...) name
#define BULLA_TRY_JOIN_(a, b) a##b
#define BULLA_TRY_NAME_(line) BULLA_TRY_JOIN_(bulla_try_, line)
#define BULLA_TRY_1_(expr)                                                        \
  do {                                                                            \
    if (auto bulla_try = (expr); !bulla_try) return std::move(bulla_try).error(); \
  } while (false)
#define BULLA_TRY_2_(decl, expr)                                                       \
  auto BULLA_TRY_NAME_(__LINE__) = (expr);                                             \
  if (!BULLA_TRY_NAME_(__LINE__)) return std::move(BULLA_TRY_NAME_(__LINE__)).error(); \
  decl = *std::move(BULLA_TRY_NAME_(__LINE__))
