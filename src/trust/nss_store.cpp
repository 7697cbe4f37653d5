// Browsers' stores: NSS databases below the user's home, changed by certutil, read by ourselves.
#include "os/shell_word.h"
#include "trust/nss_database.h"
#include "trust/stores.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace bulla::trust {
namespace {

namespace fs = std::filesystem;

/// Where browsers keep databases, below the user's home.
struct Place {
  const char* browser;
  const char* folder;
  enum class Kind : uint8_t { database, profiles } kind;  ///< profiles: each folder in it may have one
};
constexpr Place places[] = {
    {"Chromium, Chrome and their kin", ".pki/nssdb", Place::Kind::database},
    {"Chromium (snap)", "snap/chromium/current/.pki/nssdb", Place::Kind::database},
    {"Brave (snap)", "snap/brave/current/.pki/nssdb", Place::Kind::database},
    {"Chromium (flatpak)", ".var/app/org.chromium.Chromium/.pki/nssdb", Place::Kind::database},
    {"Chrome (flatpak)", ".var/app/com.google.Chrome/.pki/nssdb", Place::Kind::database},
    {"Brave (flatpak)", ".var/app/com.brave.Browser/.pki/nssdb", Place::Kind::database},
    {"Edge (flatpak)", ".var/app/com.microsoft.Edge/.pki/nssdb", Place::Kind::database},
    {"Firefox", ".mozilla/firefox", Place::Kind::profiles},
    {"Firefox", ".config/mozilla/firefox", Place::Kind::profiles},
    {"Firefox (snap)", "snap/firefox/common/.mozilla/firefox", Place::Kind::profiles},
    {"Firefox (flatpak)", ".var/app/org.mozilla.firefox/.mozilla/firefox", Place::Kind::profiles},
    {"LibreWolf", ".librewolf", Place::Kind::profiles},
};

/// Browsers that read ~/.pki/nssdb, and make it when they first need it.
constexpr const char* chromium_kin[] = {
    "chromium",      "chromium-browser", "google-chrome", "google-chrome-stable",
    "brave-browser", "microsoft-edge",   "vivaldi"};

struct Database {
  std::string folder, browser;
  bool is_there = true;
};

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void add_profiles(const std::string& folder, const std::string& browser, std::vector<Database>& out) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (exists(entry.path().string() + "/cert9.db")) found.push_back(entry.path().string());
  std::sort(found.begin(), found.end());
  for (std::string& one : found) out.push_back({.folder = std::move(one), .browser = browser});
}

std::vector<Database> databases(const Machine& machine) {
  std::vector<Database> out;
  for (const Place& place : places) {
    const std::string folder = machine.home + '/' + place.folder;
    if (place.kind == Place::Kind::profiles)
      add_profiles(folder, place.browser, out);
    else if (exists(folder + "/cert9.db"))
      out.push_back({.folder = folder, .browser = place.browser});
  }
  const std::string shared = machine.home + "/.pki/nssdb";
  const bool has_browser =
      std::any_of(std::begin(chromium_kin), std::end(chromium_kin),
                  [&](const char* name) { return !find_program(machine, name).empty(); });
  if (has_browser && !exists(shared + "/cert9.db"))
    out.insert(out.begin(), {.folder = shared, .browser = places[0].browser, .is_there = false});
  return out;
}

/// Whose file or folder it is, or the nearest one above that is there.
uid_t owner_of(std::string path) {
  struct stat status = {};
  while (::stat(path.c_str(), &status) != 0 && path.size() > 1) path = fs::path(path).parent_path().string();
  return status.st_uid;
}

const NssEntry* find(const NssDatabase& database, const Certificate& wanted) {
  for (const NssEntry& entry : database.entries)
    if (equal_vartime(entry.certificate->der(), wanted.der())) return &entry;
  return nullptr;
}

Standing standing_in(const NssDatabase& database, const Certificate& wanted) {
  const NssEntry* entry = find(database, wanted);
  if (entry) return entry->server == NssTrust::anchor ? Standing::trusted : Standing::not_trusted;
  std::vector<CertificatePtr> trusted;
  for (const NssEntry& one : database.entries)
    if (one.server == NssTrust::anchor) trusted.push_back(one.certificate);
  return standing_among(trusted, wanted);
}

Action certutil(const std::string& program, const std::string& folder, std::vector<std::string> arguments,
                std::string input = {}) {
  arguments.insert(arguments.begin() + 1, {"-d", "sql:" + folder});
  return {.kind = Action::Kind::run,
          .command = {.program = program, .arguments = std::move(arguments), .input = std::move(input)}};
}

std::vector<Action> install_actions(const Task& task, const Database& database, const NssEntry* entry,
                                    const std::string& program) {
  std::vector<Action> out;
  const std::string& folder = database.folder;
  if (!database.is_there) {
    out.push_back({.kind = Action::Kind::make_folder, .path = folder});
    out.push_back(certutil(program, folder, {"-N", "--empty-password"}));
  }
  if (entry)
    out.push_back(certutil(program, folder, {"-M", "-n", entry->label, "-t", "C,,"}));
  else
    out.push_back(certutil(program, folder, {"-A", "-n", task.name, "-t", "C,,"}, task.pem));
  return out;
}

/// certutil takes out by name, whoever else has that name.
bool is_alone(const NssDatabase& database, const NssEntry& entry) {
  return std::count_if(database.entries.begin(), database.entries.end(),
                       [&](const NssEntry& one) { return one.label == entry.label; }) == 1;
}

/// What stands between this process and the database; nothing: it may be changed.
std::optional<Error> obstacle(const Task& task, const Database& database, const NssDatabase& content,
                              const NssEntry* entry, const std::string& program) {
  if (owner_of(database.folder + "/cert9.db") != ::geteuid())
    return Error{ErrorCode::trust_store_failed, printable(database.folder) + " belongs to another user",
                 "run it as that user, without sudo: --store nss"};
  if (entry && (!is_ours(entry->label, task.certificate()) || !is_alone(content, *entry))) {
    const bool is_install = task.goal == Goal::install;
    return not_ours('"' + entry->label + '"', std::string("if that is what you want: certutil ") +
                                                  (is_install ? "-M" : "-D") + " -d " +
                                                  shell_word("sql:" + database.folder) + " -n " +
                                                  shell_word(entry->label) + (is_install ? " -t C,," : ""));
  }
  if (program.empty())
    return tool_missing("certutil", "libnss3-tools (Fedora: nss-tools; Alpine, Arch: nss)");
  return {};
}

Step step_of(const Task& task, const Database& database) {
  Step step;
  Store& store = step.store;
  store = {.kind = StoreKind::nss,
           .path = database.folder,
           .used_by = database.browser,
           .standing = Standing::not_trusted};
  NssDatabase content;
  if (database.is_there) {
    auto read = read_nss_file(database.folder + "/cert9.db", default_provider());
    if (read) {
      content = *std::move(read);
      store.standing = standing_in(content, task.certificate());
    } else {
      store.standing = Standing::unknown;
      store.error = std::move(read).error();
    }
  } else {
    store.note = "it is not there yet, and would be made";
  }
  const NssEntry* entry = find(content, task.certificate());
  if (entry && entry->server == NssTrust::distrusted) store.note = "it is there as distrusted";
  const bool is_leftover = task.goal == Goal::uninstall && entry && is_ours(entry->label, task.certificate());
  if (is_settled(task, step) && !is_leftover) return step;

  const std::string program = find_program(task.machine, "certutil");
  step.obstacle = obstacle(task, database, content, entry, program);
  if (step.obstacle) return step;
  if (task.goal == Goal::install)
    step.actions = install_actions(task, database, entry, program);
  else
    step.actions.push_back(certutil(program, database.folder, {"-D", "-n", entry->label}));
  return step;
}

}  // namespace

std::vector<Step> nss_steps(const Task& task) {
  std::vector<Step> out;
  if (task.machine.home.empty()) return out;
  for (const Database& database : databases(task.machine)) out.push_back(step_of(task, database));
  return out;
}

}  // namespace bulla::trust
