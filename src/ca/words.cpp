#include "ca/words.h"

#include <algorithm>
#include <array>

namespace bulla::ca {
namespace {

template <class E>
struct Word {
  E value;
  std::string_view text;
};

constexpr std::array templates = {
    Word<Template>{Template::server, "server"}, Word<Template>{Template::client, "client"},
    Word<Template>{Template::both, "both"},     Word<Template>{Template::ca, "ca"},
    Word<Template>{Template::ocsp, "ocsp"},
};
constexpr std::array origins = {
    Word<Origin>{Origin::init, "init"},   Word<Origin>{Origin::issue, "issue"},
    Word<Origin>{Origin::sign, "sign"},   Word<Origin>{Origin::renew, "renew"},
    Word<Origin>{Origin::local, "local"},
};
constexpr std::array states = {
    Word<State>{State::valid, "valid"},
    Word<State>{State::not_yet_valid, "not yet valid"},
    Word<State>{State::expired, "expired"},
    Word<State>{State::revoked, "revoked"},
};
constexpr std::array reasons = {
    Word<RevocationReason>{RevocationReason::unspecified, "unspecified"},
    Word<RevocationReason>{RevocationReason::key_compromise, "key-compromise"},
    Word<RevocationReason>{RevocationReason::ca_compromise, "ca-compromise"},
    Word<RevocationReason>{RevocationReason::affiliation_changed, "affiliation-changed"},
    Word<RevocationReason>{RevocationReason::superseded, "superseded"},
    Word<RevocationReason>{RevocationReason::cessation_of_operation, "cessation-of-operation"},
    Word<RevocationReason>{RevocationReason::privilege_withdrawn, "privilege-withdrawn"},
};

template <class E, size_t N>
std::string_view text_of(const std::array<Word<E>, N>& words, E value) noexcept {
  for (const Word<E>& word : words)
    if (word.value == value) return word.text;
  return {};
}

template <class E, size_t N>
std::optional<E> value_of(const std::array<Word<E>, N>& words, std::string_view text) noexcept {
  for (const Word<E>& word : words)
    if (word.text == text) return word.value;
  return {};
}

/// Letters alone, in lower case: "keyCompromise" and "key-compromise" are the same.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '-' && c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

std::string_view name_of(Template kind) noexcept {
  return text_of(templates, kind);
}
std::string_view name_of(Origin origin) noexcept {
  return text_of(origins, origin);
}
std::string_view name_of(State state) noexcept {
  return text_of(states, state);
}
std::string_view name_of(RevocationReason reason) noexcept {
  return text_of(reasons, reason);
}

std::optional<Template> template_named(std::string_view word) noexcept {
  return value_of(templates, word);
}
std::optional<Origin> origin_named(std::string_view word) noexcept {
  return value_of(origins, word);
}
std::optional<RevocationReason> reason_numbered(int64_t number) noexcept {
  for (const auto& word : reasons)
    if (static_cast<int64_t>(word.value) == number) return word.value;
  return {};
}

Result<RevocationReason> parse_reason(std::string_view text) {
  std::string known;
  for (const auto& word : reasons) {
    if (folded(word.text) == folded(text)) return word.value;
    known += (known.empty() ? "" : ", ") + std::string(word.text);
  }
  return Error{ErrorCode::bad_argument, '"' + printable(text.substr(0, 64)) + "\" is no reason to revoke",
               "use one of " + known};
}

State Record::state(Time now) const noexcept {
  if (revocation) return State::revoked;
  if (now < certificate->not_before()) return State::not_yet_valid;
  return now > certificate->not_after() ? State::expired : State::valid;
}

}  // namespace bulla::ca
