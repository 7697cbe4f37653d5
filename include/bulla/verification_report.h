// Why a chain was accepted or refused: every path that was tried, and for each certificate of it what held
// and what failed.
//
//   const VerificationReport report = WebPkiVerifier(roots).explain({.chain = chain, .name = &name, .now =
//   now}); std::cout << report.to_text();
#pragma once

#include <bulla/certificate.h>
#include <bulla/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla {

/// One check, and how it came out.
struct Finding {
  std::string_view check = {};      ///< "validity", "name", "signature", ...: static
  std::string evidence = {};        ///< where it held: by what. Safe for a terminal
  std::optional<Error> error = {};  ///< where it failed: why, and what to do
};

/// One path that was tried, from the leaf as far up as it led.
struct CandidatePath {
  /// What a certificate of a path is.
  enum class Role : uint8_t {
    leaf,          ///< the peer's own
    trusted_leaf,  ///< the peer's own, which is trusted itself
    intermediate,  ///< sent by the peer
    anchor,        ///< trusted
  };
  /// One certificate of it.
  struct Step {
    CertificatePtr certificate = {};     ///< never nullptr
    Role role = Role::leaf;              ///< where it stands
    std::vector<Finding> findings = {};  ///< in the order in which they were looked at
  };
  std::vector<Step> steps = {};  ///< leaf first, never empty
  /// Path lengths, name constraints, policies, revocation: looked at where the path reaches an anchor with
  /// good signatures.
  std::vector<Finding> findings = {};
  /// Whether it ends in a trusted certificate, with a good signature on each below that.
  bool reaches_anchor = false;

  /// Whether nothing failed and it ends in a trusted certificate.
  bool accepted() const noexcept;
};

/// Something that was given and is of no use, which is no reason to refuse.
struct Warning {
  std::string what = {};          ///< "the revocation list number 01 of CN=CA, of ... is of no use"
  std::string why = {};           ///< "it is too old; now it is ..."
  std::string_view section = {};  ///< the rule: static
  std::string remedy = {};        ///< what to do
};

/// The answer of WebPkiVerifier::explain.
struct VerificationReport {
  /// What WebPkiVerifier::verify returns for the same request: the most telling failure of the most promising
  /// path. Empty: verified.
  std::optional<Error> error = {};
  /// The accepted one first; then those that came nearest. Never empty.
  std::vector<CandidatePath> paths = {};
  /// Whether these are all paths: no more than 16 are told of, and the search has a budget.
  bool complete = true;
  /// What deserves attention and decided nothing: a list of the first path's issuers from which nothing could
  /// be learnt, so that no certificate was held against it. Whoever asks may add to them.
  std::vector<Warning> warnings = {};

  /// Whether text is coloured, with the escapes of ANSI terminals.
  enum class Style : uint8_t { plain, colored };
  /// Many lines, each ended by a line feed: the verdict with its reason and remedy, the warnings, then path
  /// by path, certificate by certificate, what held ("ok") and what failed ("NO"). Safe for a terminal.
  std::string to_text(Style style = Style::plain) const;
  /// The same as a JSON object on one line: {"verified", "error", "complete", "warnings": [{"what", "why",
  /// "section", "remedy"}], "paths": [{"accepted", "reaches_anchor", "certificates": [{"subject", "issuer",
  /// "serial", "role", "checks": [{"check", "held", "evidence" or "error"}]}], "checks": [...]}]}.
  std::string to_json() const;
};

}  // namespace bulla
