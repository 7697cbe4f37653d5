// What `bulla ca trust` prints: a root, its stores, and what is done to them.
#pragma once

#include <bulla/trust.h>

#include <string>
#include <vector>

namespace bulla::cli {

/// Everything about one root.
struct TrustAccount {
  trust::Root root = {};
  std::vector<trust::Step> steps = {};
};

/// Which verb it is about.
enum class TrustVerb : uint8_t { status, install, uninstall };
/// Whether it is what would be done, or was.
enum class Tense : uint8_t { would, did };

/// Subject, fingerprint, file, and what the root may certify.
std::string root_text(const trust::Root& root);
/// One store, several lines. `sudo_line`: what to type as root; printed where the store needs it.
std::string step_text(const trust::Step& step, const trust::Root& root, Tense tense,
                      const std::string& sudo_line);
/// One object on one line.
std::string trust_json(TrustVerb verb, Tense tense, const std::vector<TrustAccount>& accounts);

}  // namespace bulla::cli
