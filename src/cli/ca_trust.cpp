// bulla ca trust: which of this machine's trust stores trust the CA, and how they come to.
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/ca_trust_text.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

namespace fs = std::filesystem;
using trust::Change;
using trust::Standing;

struct CaTrustFlags {
  std::string folder;
  std::vector<std::string> stores;
  bool yes = false;
  bool json = false;
};

constexpr const char* about_stores =
    "Stores: system (curl, git, Python, Go, ...), nss (Chromium, Chrome, Firefox), java (JDKs), node "
    "(Node.js).\n"
    "Only the root's certificate goes into them, never a key. A browser that runs has to be started anew.\n"
    "\n";
constexpr const char* install_examples =
    "Nothing is changed without --yes: what would be is printed.\n"
    "\n"
    "Examples:\n"
    "  bulla ca trust install                     what it would take\n"
    "  bulla ca trust install --yes               do it, as far as this user may\n"
    "  sudo bulla ca trust install --yes --store system,java --dir ~/.local/share/bulla/ca\n";
constexpr const char* uninstall_examples =
    "Takes out what `install` put in, told by its fingerprint; also a root that the folder no longer has.\n"
    "Nothing is changed without --yes: what would be is printed.\n"
    "\n"
    "Examples:\n"
    "  bulla ca trust uninstall\n"
    "  bulla ca trust uninstall --yes --store nss\n";
constexpr const char* status_examples =
    "Exit status: 0 where every store that is there trusts the root, 3 where one does not.\n"
    "\n"
    "Examples:\n"
    "  bulla ca trust status\n"
    "  bulla ca trust status --store system --json\n";

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path out = fs::absolute(path, error);
  return error ? path : out.lexically_normal().string();
}

Result<std::vector<trust::StoreKind>> kinds_of(const CaTrustFlags& flags) {
  std::vector<trust::StoreKind> out;
  for (const trust::StoreKind kind : trust::all_store_kinds()) {
    bool is_wanted = flags.stores.empty();
    for (const std::string& text : flags.stores) {
      BULLA_TRY(const trust::StoreKind named, trust::parse_store_kind(text));
      is_wanted |= named == kind;
    }
    if (is_wanted) out.push_back(kind);
  }
  return out;
}

/// What to type as root for one store: the program by its path, since root's PATH is another. Java's
/// keystores often follow the system store, so that the two go together.
std::string sudo_line(TrustVerb verb, trust::StoreKind kind, const std::string& folder) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return "sudo " + (error ? "bulla" : shell_word(self.string())) + " ca trust " +
         (verb == TrustVerb::uninstall ? "uninstall" : "install") + " --yes --store " +
         (kind == trust::StoreKind::nss ? "nss" : "system,java") + " --dir " + shell_word(folder);
}

/// The folder's root; for an uninstall also those that were installed from it before.
Result<std::vector<TrustAccount>> accounts_for(TrustVerb verb, const trust::Machine& machine,
                                               const std::string& folder) {
  std::vector<TrustAccount> out;
  auto root = ca::find_root(folder);
  if (root)
    out.push_back({.root = {.certificate = root->certificate, .file = root->path}});
  else if (verb != TrustVerb::uninstall || root.error().code != ErrorCode::ca_not_found)
    return std::move(root).error();
  if (verb == TrustVerb::uninstall)
    for (const CertificatePtr& one : trust::recorded(machine, folder))
      if (!root || !equal_vartime(one->der(), root->certificate->der()))
        out.push_back({.root = {.certificate = one}});
  if (out.empty()) return std::move(root).error();
  return out;
}

void print(TrustVerb verb, Tense tense, const std::string& folder,
           const std::vector<TrustAccount>& accounts) {
  for (const TrustAccount& account : accounts) {
    print_line(root_text(account.root));
    print_line("");
    for (const trust::Step& step : account.steps)
      print_line(step_text(step, account.root, tense, sudo_line(verb, step.store.kind, folder)));
    print_line("");
  }
}

bool has_work(const std::vector<TrustAccount>& accounts) {
  return std::any_of(accounts.begin(), accounts.end(), [](const TrustAccount& account) {
    return std::any_of(account.steps.begin(), account.steps.end(),
                       [](const trust::Step& step) { return !step.actions.empty(); });
  });
}

bool has_obstacle(const std::vector<TrustAccount>& accounts) {
  return std::any_of(accounts.begin(), accounts.end(), [](const TrustAccount& account) {
    return std::any_of(account.steps.begin(), account.steps.end(),
                       [](const trust::Step& step) { return step.obstacle.has_value(); });
  });
}

std::string last_line(TrustVerb verb, Tense tense, const CaTrustFlags& flags,
                      const std::vector<TrustAccount>& accounts) {
  const std::string name = verb == TrustVerb::install ? "install" : "uninstall";
  if (tense == Tense::did)
    return has_obstacle(accounts) ? "Not everything could be done: see the errors above."
                                  : "Done. Browsers that run have to be started anew.";
  if (!has_work(accounts)) return "Nothing has to be changed, or nothing can be.";
  std::string again = "bulla ca trust " + name + folder_words(flags.folder);
  for (const std::string& store : flags.stores) again += " --store " + shell_word(store);
  return "Nothing was changed. `" + again + " --yes` does it.";
}

ExitStatus run_change(TrustVerb verb, const CaTrustFlags& flags) {
  const Change change = verb == TrustVerb::install ? Change::install : Change::uninstall;
  const Tense tense = flags.yes ? Tense::did : Tense::would;
  const auto kinds = kinds_of(flags);
  if (!kinds) return report_usage(kinds.error());
  const auto chosen = ca_folder(flags.folder);
  if (!chosen) return report_ca(chosen.error());
  const std::string folder = absolute(*chosen);
  const trust::Machine machine = trust::Machine::here();
  auto accounts = accounts_for(verb, machine, folder);
  if (!accounts) return report_ca(accounts.error());
  for (TrustAccount& account : *accounts) {
    auto planned = trust::plan(change, machine, account.root, *kinds);
    if (!planned) return report_ca(planned.error());
    account.steps = *std::move(planned);
    if (flags.yes) account.steps = trust::apply(change, machine, account.root, std::move(account.steps));
  }
  if (flags.json) {
    print_line(trust_json(verb, tense, *accounts));
  } else {
    print(verb, tense, folder, *accounts);
    print_line(last_line(verb, tense, flags, *accounts));
  }
  return flags.yes && has_obstacle(*accounts) ? ExitStatus::failed : ExitStatus::done;
}

/// Roots of this folder that may still be trusted though it has another one now.
void mention_earlier(const trust::Machine& machine, const trust::Root& root, const std::string& folder) {
  for (const CertificatePtr& one : trust::recorded(machine, folder))
    if (!equal_vartime(one->der(), root.certificate->der()))
      print_line("An earlier root of this folder was installed too: " + trust::entry_name(*one) +
                 "; `bulla ca trust uninstall` takes it out.");
}

ExitStatus run_status(const CaTrustFlags& flags) {
  const auto kinds = kinds_of(flags);
  if (!kinds) return report_usage(kinds.error());
  const auto chosen = ca_folder(flags.folder);
  if (!chosen) return report_ca(chosen.error());
  const std::string folder = absolute(*chosen);
  const trust::Machine machine = trust::Machine::here();
  auto accounts = accounts_for(TrustVerb::status, machine, folder);
  if (!accounts) return report_ca(accounts.error());
  TrustAccount& account = accounts->front();
  bool all_trust = true;
  for (trust::Store& store : trust::survey(machine, account.root, *kinds)) {
    all_trust &= store.standing == Standing::trusted || store.standing == Standing::no_store;
    account.steps.push_back({.store = std::move(store)});
  }
  if (flags.json) {
    print_line(trust_json(TrustVerb::status, Tense::did, *accounts));
  } else {
    print(TrustVerb::status, Tense::did, folder, *accounts);
    mention_earlier(machine, account.root, folder);
  }
  return all_trust ? ExitStatus::done : ExitStatus::certificate;
}

CLI::App* add_verb(CLI::App& parent, const char* name, const char* what, const char* examples,
                   const std::shared_ptr<CaTrustFlags>& flags) {
  CLI::App* verb = parent.add_subcommand(name, what);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_option("--store", flags->stores, "Only these: system, nss, java, node (default: all)")
      ->delimiter(',')
      ->option_text("LIST");
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  verb->footer(std::string(about_stores) + examples);
  verb->group("Verbs");
  return verb;
}

}  // namespace

void add_ca_trust_commands(CLI::App& ca, ExitStatus& status) {
  CLI::App* trust = ca.add_subcommand("trust", "Have this machine trust the CA, or cease to");
  trust->require_subcommand(1);
  trust->footer(std::string(about_stores) + install_examples);
  auto flags = std::make_shared<CaTrustFlags>();
  CLI::App* install =
      add_verb(*trust, "install", "Put the root into the trust stores", install_examples, flags);
  install->add_flag("--yes", flags->yes, "Do it; without this, only say what would be done");
  install->callback([flags, &status] { status = run_change(TrustVerb::install, *flags); });
  CLI::App* uninstall =
      add_verb(*trust, "uninstall", "Take the root out of the trust stores", uninstall_examples, flags);
  uninstall->add_flag("--yes", flags->yes, "Do it; without this, only say what would be done");
  uninstall->callback([flags, &status] { status = run_change(TrustVerb::uninstall, *flags); });
  CLI::App* look =
      add_verb(*trust, "status", "Say which trust stores trust the root", status_examples, flags);
  look->callback([flags, &status] { status = run_status(*flags); });
}

}  // namespace bulla::cli
