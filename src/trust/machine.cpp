// This machine as the environment describes it, and the words of the enumerators.
#include "trust/stores.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace bulla::trust {
namespace {

constexpr std::array kinds = {StoreKind::system, StoreKind::nss, StoreKind::java, StoreKind::node};
constexpr Milliseconds patience{300'000};

/// Where every user finds what root gave to the stores of all.
constexpr const char* records_for_all = "/var/lib/bulla/trust";

std::string variable(const char* name) {
  const char* const value = ::secure_getenv(name);
  return value ? value : "";
}

/// PATH, and where a user's PATH has not what root's has. Relative folders are nobody's intention.
std::vector<std::string> folders_of_path() {
  std::vector<std::string> out;
  const std::string whole = variable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
  for (std::string_view list = whole; !list.empty();) {
    const std::string_view folder = list.substr(0, list.find(':'));
    list.remove_prefix(std::min(list.size(), folder.size() + 1));
    if (folder.starts_with('/')) out.emplace_back(folder);
  }
  return out;
}

}  // namespace

std::span<const StoreKind> all_store_kinds() noexcept {
  return kinds;
}

std::string_view name_of(StoreKind kind) noexcept {
  switch (kind) {
    case StoreKind::system: return "system";
    case StoreKind::nss: return "nss";
    case StoreKind::java: return "java";
    case StoreKind::node: return "node";
  }
  return "unknown";
}

Result<StoreKind> parse_store_kind(std::string_view text) {
  std::string known;
  for (const StoreKind kind : kinds) {
    if (name_of(kind) == text) return kind;
    known += (known.empty() ? "" : ", ") + std::string(name_of(kind));
  }
  return Error{ErrorCode::bad_argument, "no kind of trust store is called \"" + printable(text) + '"',
               "use one of " + known};
}

std::string_view name_of(Standing standing) noexcept {
  switch (standing) {
    case Standing::trusted: return "trusted";
    case Standing::not_trusted: return "not trusted";
    case Standing::other_certificate: return "a different certificate by that name";
    case Standing::no_store: return "not there";
    case Standing::unknown: return "unknown";
  }
  return "unknown";
}

Machine Machine::here() {
  Machine out;
  if (const std::string home = variable("HOME"); home.starts_with('/')) out.home = home;
  out.program_folders = folders_of_path();
  out.java_home = variable("JAVA_HOME");
  out.node_extra_ca_certs = variable("NODE_EXTRA_CA_CERTS");
  out.rights = ::geteuid() == 0 ? Rights::superuser : Rights::user;
  const auto data = data_folder();
  if (data) out.record_folder = *data + "/trust";
  out.system_record_folder = records_for_all;
  out.run = [](const Command& command) { return run_command(command, patience); };
  return out;
}

std::string find_program(const Machine& machine, const std::string& name) {
  for (const std::string& folder : machine.program_folders)
    if (is_program(folder + '/' + name)) return folder + '/' + name;
  return {};
}

bool is_program(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace bulla::trust
