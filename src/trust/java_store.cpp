// Keystores of JDKs, read and changed by keytool. Where a distribution makes them of its own store, they
// follow that one.
#include "asn1/pem.h"
#include "os/shell_word.h"
#include "trust/stores.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace bulla::trust {
namespace {

namespace fs = std::filesystem;

/// What every JDK's keystore of roots is sealed with: no secret.
constexpr const char* password = "changeit";

/// Keystores that distributions make of the system's store, and the file that tells that they do: "" for the
/// keystore itself.
struct Generated {
  const char* path;
  const char* sign;
};
constexpr Generated generated[] = {
    {"/etc/ssl/certs/java/cacerts", "/etc/ca-certificates/update.d/jks-keystore"},  // Debian
    {"/etc/pki/ca-trust/extracted/java/cacerts", ""},                               // Fedora
    {"/var/lib/ca-certificates/java-cacerts", ""},                                  // openSUSE
    {"/etc/ca-certificates/extracted/java-cacerts.jks", ""},                        // Arch
};

struct Keystore {
  std::string path;     ///< without links
  std::string keytool;  ///< of its JDK; may be empty
  std::string jdk;
};

std::string real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error || !fs::is_regular_file(real, error) ? std::string() : real.string();
}

std::vector<std::string> jdks_of(const Machine& machine) {
  std::vector<std::string> out;
  if (!machine.java_home.empty()) out.push_back(machine.java_home);
  std::vector<std::string> below = {machine.prefix + "/usr/lib/jvm"};
  if (!machine.home.empty())
    below.insert(below.end(), {machine.home + "/.sdkman/candidates/java", machine.home + "/.jdks"});
  for (const std::string& folder : below) {
    const size_t first = out.size();
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) out.push_back(entry.path().string());
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  }
  return out;
}

/// Each keystore once, however many JDKs share it.
std::vector<Keystore> keystores(const Machine& machine) {
  std::vector<Keystore> out;
  std::set<std::string> seen;
  const auto add = [&](const std::string& path, const std::string& keytool, const std::string& jdk) {
    const std::string real = real_path(path);
    if (!real.empty() && seen.insert(real).second) out.push_back({real, keytool, jdk});
  };
  for (const std::string& jdk : jdks_of(machine)) {
    const std::string own = jdk + "/bin/keytool";
    for (const char* place : {"/lib/security/cacerts", "/jre/lib/security/cacerts"})
      add(jdk + place, is_program(own) ? own : "", jdk);
  }
  for (const Generated& one : generated) add(machine.prefix + one.path, "", "the system's Java");
  for (Keystore& one : out)
    if (one.keytool.empty()) one.keytool = find_program(machine, "keytool");
  return out;
}

bool is_generated(const Machine& machine, const std::string& path) {
  return std::any_of(std::begin(generated), std::end(generated), [&](const Generated& one) {
    return path == real_path(machine.prefix + one.path) &&
           (!*one.sign || fs::exists(machine.prefix + one.sign));
  });
}

struct Entry {
  std::string alias;
  CertificatePtr certificate;
};

/// What `keytool -list -rfc` prints: lines "Alias name: ...", and PEM.
std::vector<Entry> entries_of(std::string_view listing) {
  constexpr std::string_view alias_is = "Alias name: ", begin = "-----BEGIN CERTIFICATE-----",
                             end = "-----END CERTIFICATE-----";
  std::vector<Entry> out;
  std::string alias;
  size_t block = std::string_view::npos;
  for (size_t at = 0; at < listing.size();) {
    const size_t line_end = std::min(listing.find('\n', at), listing.size());
    std::string_view line = listing.substr(at, line_end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(alias_is)) alias = line.substr(alias_is.size());
    if (line == begin) block = at;
    if (line == end && block != std::string_view::npos) {
      const auto read = Certificate::from_pem_or_der(as_bytes(listing.substr(block, line_end - block + 1)));
      if (read) out.push_back({alias, read->front()});
      block = std::string_view::npos;
    }
    at = line_end + 1;
  }
  return out;
}

Command keytool(const Keystore& keystore, std::vector<std::string> arguments, std::string input = {}) {
  arguments.insert(arguments.begin() + 1, {"-keystore", keystore.path, "-storepass", password});
  // Whatever language this user's Java speaks, the listing is read here.
  arguments.insert(arguments.end(), {"-J-Duser.language=en"});
  return {.program = keystore.keytool, .arguments = std::move(arguments), .input = std::move(input)};
}

Result<std::vector<Entry>> list(const Machine& machine, const Keystore& keystore) {
  if (keystore.keytool.empty())
    return tool_missing("keytool", "default-jre-headless (Fedora: java-latest-openjdk-headless)");
  BULLA_TRY(const CommandResult said, machine.run(keytool(keystore, {"-list", "-rfc"})));
  if (said.status != 0)
    return Error{ErrorCode::trust_store_failed, printable(keystore.path) + ": keytool: " +
                                                    printable((said.output + said.errors).substr(0, 300))};
  return entries_of(said.output);
}

bool is_same(const Certificate& a, const Certificate& b) {
  return equal_vartime(a.der(), b.der());
}

Standing standing_in(const std::vector<Entry>& entries, const Certificate& wanted) {
  std::vector<CertificatePtr> all;
  for (const Entry& entry : entries) all.push_back(entry.certificate);
  return standing_among(all, wanted);
}

void plan_change(const Task& task, const Keystore& keystore, const std::vector<Entry>& entries, Step& step) {
  if (::access(keystore.path.c_str(), W_OK) != 0) step.obstacle = needs_root(step.store);
  if (task.goal == Goal::install) {
    step.actions.push_back(
        {.kind = Action::Kind::run,
         .command = keytool(keystore, {"-importcert", "-noprompt", "-alias", task.name}, task.pem)});
    return;
  }
  for (const Entry& entry : entries) {
    if (!is_same(*entry.certificate, task.certificate())) continue;
    if (is_ours(entry.alias, task.certificate()))
      step.actions.push_back(
          {.kind = Action::Kind::run, .command = keytool(keystore, {"-delete", "-alias", entry.alias})});
    else
      step.obstacle = not_ours('"' + entry.alias + '"',
                               "if that is what you want: keytool -delete -alias " + shell_word(entry.alias) +
                                   " -keystore " + shell_word(keystore.path) + " -storepass changeit");
  }
}

/// Debian's ca-certificates-java of 2023 is told what came, and not what a user took away: its entry for our
/// file would stay. Where it was told, there is nothing left to delete, and keytool says so.
void plan_leftover(const Task& task, const Keystore& keystore, const std::vector<Entry>& entries,
                   Step& step) {
  constexpr std::string_view prefix = "debian:", suffix = ".pem";
  for (const Entry& entry : entries) {
    std::string_view name = entry.alias;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (!is_ours(name, task.certificate()) || !is_same(*entry.certificate, task.certificate())) continue;
    step.actions.push_back({.kind = Action::Kind::run,
                            .command = keytool(keystore, {"-delete", "-alias", entry.alias}),
                            .failure = Action::Failure::is_looked_at});
    if (::access(keystore.path.c_str(), W_OK) != 0) step.obstacle = needs_root(step.store);
  }
}

Step step_of(const Task& task, const Keystore& keystore) {
  Step step;
  Store& store = step.store;
  store = {.kind = StoreKind::java, .path = keystore.path, .used_by = keystore.jdk};
  const bool follows = is_generated(task.machine, keystore.path);
  if (follows) store.note = "the distribution makes it of the system store";
  const auto entries = list(task.machine, keystore);
  if (entries) {
    store.standing = standing_in(*entries, task.certificate());
  } else {
    store.standing = Standing::unknown;
    store.error = entries.error();
  }
  if (is_settled(task, step)) return step;
  if (!follows)
    plan_change(task, keystore, *entries, step);
  else if (!task.includes(StoreKind::system))
    step.obstacle = Error{ErrorCode::bad_argument, printable(keystore.path) + " is made of the system store",
                          "change that one: --store system,java"};
  else if (task.goal == Goal::uninstall)
    plan_leftover(task, keystore, *entries, step);
  return step;
}

}  // namespace

std::vector<Step> java_steps(const Task& task) {
  std::vector<Step> out;
  for (const Keystore& keystore : keystores(task.machine)) out.push_back(step_of(task, keystore));
  return out;
}

}  // namespace bulla::trust
