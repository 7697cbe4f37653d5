// What the kinds of stores share: what is asked of them, and how a certificate is told from its namesakes.
#pragma once

#include <bulla/trust.h>

#include <string>
#include <string_view>
#include <vector>

namespace bulla::trust {

/// What is wanted: to know, or also what a change takes.
enum class Goal : uint8_t { look, install, uninstall };

struct Task {
  const Machine& machine;
  const Root& root;
  Goal goal = Goal::look;
  std::span<const StoreKind> kinds = {};  ///< all that are worked on
  std::string name = {};                  ///< entry_name
  std::string pem = {};                   ///< of the certificate

  const Certificate& certificate() const noexcept { return *root.certificate; }
  bool includes(StoreKind kind) const noexcept;
};

// One function a kind: a step for each of its stores; none where there is no store.
std::vector<Step> system_steps(const Task& task);
std::vector<Step> nss_steps(const Task& task);
std::vector<Step> java_steps(const Task& task);
std::vector<Step> node_steps(const Task& task);

/// The bundle that the distribution makes of its store; empty where there is none.
std::string system_bundle(const Machine& machine);

/// Whether an entry of this name holds this certificate because install put it there.
bool is_ours(std::string_view entry, const Certificate& certificate);
/// The whole fingerprint (SHA-256), in small letters without colons.
std::string fingerprint_digits(const Certificate& certificate);
/// What certificates that stand in a store make of it: the very one, or a namesake.
Standing standing_among(std::span<const CertificatePtr> certificates, const Certificate& wanted);

/// The path of a program; empty where there is none.
std::string find_program(const Machine& machine, const std::string& name);
bool is_program(const std::string& path);

/// Whether there is nothing to be done: the store is as the goal has it, is not there, or cannot be read;
/// then the step says so.
bool is_settled(const Task& task, Step& step);
/// Sets what the store cannot be changed for.
Error needs_root(const Store& store);
Error tool_missing(std::string_view tool, std::string_view package);
Error not_ours(std::string_view entry, std::string remedy);

}  // namespace bulla::trust
