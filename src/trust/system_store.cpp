// The distribution's store: a folder for certificates of one's own, and a program that makes bundles of it.
#include "os/roots.h"
#include "trust/stores.h"

#include <filesystem>

namespace bulla::trust {
namespace {

/// What a distribution calls its own, told by its folder.
struct Distribution {
  const char* names;
  const char* folder;     ///< each certificate here is a file of its own
  const char* extension;  ///< other files are not looked at
  const char* program;    ///< takes what is there
  const char* argument;   ///< "" for none
  const char* package;    ///< has the program
  const char* bundle;     ///< what it makes
};

/// Debian's folder last: it is the one that people make elsewhere, following instructions for Debian.
constexpr Distribution distributions[] = {
    {"Fedora, RHEL", "/etc/pki/ca-trust/source/anchors", ".pem", "update-ca-trust", "extract",
     "ca-certificates", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"},
    {"openSUSE", "/etc/pki/trust/anchors", ".pem", "update-ca-certificates", "", "ca-certificates",
     "/var/lib/ca-certificates/ca-bundle.pem"},
    {"Arch", "/etc/ca-certificates/trust-source/anchors", ".crt", "trust", "extract-compat", "p11-kit",
     "/etc/ca-certificates/extracted/tls-ca-bundle.pem"},
    {"Debian, Ubuntu, Alpine", "/usr/local/share/ca-certificates", ".crt", "update-ca-certificates", "",
     "ca-certificates", "/etc/ssl/certs/ca-certificates.crt"},
};

const Distribution* distribution_of(const Machine& machine) {
  std::error_code ignored;
  for (const Distribution& one : distributions)
    if (std::filesystem::is_directory(machine.prefix + one.folder, ignored)) return &one;
  return nullptr;
}

/// The first certificate of a file; nullptr where there is none.
CertificatePtr certificate_in(const std::string& path) {
  RootStore read;
  os::add_file(read, path);
  const auto all = read.all();
  return all.empty() ? nullptr : all.front();
}

/// What install put there for this certificate: files with its name, also those of another extension's time.
std::vector<std::string> files_of_ours(const Task& task, const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (!is_ours(entry.path().stem().string(), task.certificate())) continue;
    const CertificatePtr inside = certificate_in(entry.path().string());
    if (inside && equal_vartime(inside->der(), task.certificate().der()))
      out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Standing standing_in_bundle(const Task& task, const std::string& bundle) {
  RootStore trusted;
  os::add_file(trusted, bundle);
  return standing_among(trusted.all(), task.certificate());
}

/// What the goal takes, given what of ours is in the folder.
std::vector<Action> actions_for(const Task& task, const Distribution& distribution,
                                const std::vector<std::string>& ours, const std::string& program) {
  std::vector<Action> out;
  const std::string place =
      task.machine.prefix + distribution.folder + '/' + task.name + distribution.extension;
  if (task.goal == Goal::install && ours.empty())
    out.push_back({.kind = Action::Kind::write_file, .path = place, .content = task.pem});
  if (task.goal == Goal::uninstall)
    for (const std::string& file : ours) out.push_back({.kind = Action::Kind::remove_file, .path = file});
  Command refresh{.program = program};
  if (*distribution.argument) refresh.arguments.emplace_back(distribution.argument);
  out.push_back({.kind = Action::Kind::run, .command = std::move(refresh)});
  return out;
}

}  // namespace

std::string system_bundle(const Machine& machine) {
  const Distribution* distribution = distribution_of(machine);
  return distribution ? machine.prefix + distribution->bundle : std::string();
}

std::vector<Step> system_steps(const Task& task) {
  const Distribution* distribution = distribution_of(task.machine);
  if (!distribution) return {};
  Step step;
  Store& store = step.store;
  store = {.kind = StoreKind::system,
           .path = task.machine.prefix + distribution->folder,
           .used_by = distribution->names,
           .standing = standing_in_bundle(task, task.machine.prefix + distribution->bundle)};
  const auto ours = files_of_ours(task, store.path);
  const bool is_half_done = ours.empty() == (store.standing == Standing::trusted);
  if (!ours.empty() && is_half_done)
    store.note = std::string("its file is there, and ") + distribution->program + " has not taken it yet";
  // A file that is there without effect is taken out as well.
  if (is_settled(task, step) && !(task.goal == Goal::uninstall && !ours.empty())) return {std::move(step)};

  const std::string program = find_program(task.machine, distribution->program);
  if (task.goal == Goal::uninstall && ours.empty()) {
    step.obstacle = not_ours(task.certificate().subject(), "find its file in " + store.path +
                                                               " or the package that brought it, take it "
                                                               "away, and run " +
                                                               distribution->program);
    return {std::move(step)};
  }
  if (program.empty()) {
    step.obstacle = tool_missing(distribution->program, distribution->package);
    return {std::move(step)};
  }
  step.actions = actions_for(task, *distribution, ours, program);
  if (task.machine.rights != Rights::superuser) step.obstacle = needs_root(store);
  return {std::move(step)};
}

}  // namespace bulla::trust
