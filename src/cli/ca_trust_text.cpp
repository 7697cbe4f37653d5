#include "cli/ca_trust_text.h"

#include "cli/account.h"
#include "cli/terminal.h"
#include "os/shell_word.h"
#include "pki/extension_text.h"
#include "x509/certificate.h"

#include <bulla/pki.h>

namespace bulla::cli {
namespace {

using trust::Action;
using trust::Standing;

/// What nameConstraints says, one line a name; empty where there are none.
std::vector<std::string> constraints_of(const Certificate& certificate) {
  std::vector<std::string> out;
  for (const x509::Extension& extension : certificate.parsed().extensions.all)
    if (pki::extension_name(extension.oid) == "nameConstraints") out = pki::extension_lines(extension);
  return out;
}

std::string command_line(const trust::Command& command, const std::string& input) {
  std::string out = shell_word(command.program);
  for (const std::string& word : command.arguments) out += ' ' + shell_word(word);
  return command.input.empty() ? out : out + " < " + input;
}

std::string_view word_for(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::write_file: return "write";
    case Action::Kind::remove_file: return "remove";
    case Action::Kind::make_folder: return "make";
    case Action::Kind::run: return "run";
  }
  return "";
}

/// A line that can be pasted, but for what is written.
std::string action_text(const Action& action, const std::string& root_file) {
  const std::string what = action.kind == Action::Kind::run
                               ? command_line(action.command, shell_word(root_file))
                               : printable(action.path);
  return std::string(word_for(action.kind)) + std::string(7 - word_for(action.kind).size(), ' ') + what;
}

std::string array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + ']';
}

std::string quoted(std::string_view text) {
  return '"' + json_escaped(text) + '"';
}

std::string action_json(const Action& action) {
  std::string out = "{" + json_field("action", word_for(action.kind));
  if (action.kind != Action::Kind::run) return out + ',' + json_field("path", action.path) + '}';
  std::vector<std::string> words = {quoted(action.command.program)};
  for (const std::string& word : action.command.arguments) words.push_back(quoted(word));
  return out + ",\"command\":" + array(words) + '}';
}

std::string step_json(const trust::Step& step) {
  std::vector<std::string> actions;
  for (const Action& action : step.actions) actions.push_back(action_json(action));
  const auto& error = step.obstacle ? step.obstacle : step.store.error;
  return '{' + json_field("store", name_of(step.store.kind)) + ',' + json_field("path", step.store.path) +
         ',' + json_field("used_by", step.store.used_by) + ',' +
         json_field("standing", name_of(step.store.standing)) + ',' + json_field("note", step.store.note) +
         ",\"actions\":" + array(actions) + ',' + json_field("by_hand", step.by_hand) +
         ",\"error\":" + (error ? error->to_json() : "null") + '}';
}

std::string account_json(const TrustAccount& account) {
  std::vector<std::string> steps, constraints;
  for (const trust::Step& step : account.steps) steps.push_back(step_json(step));
  for (const std::string& line : constraints_of(*account.root.certificate))
    constraints.push_back(quoted(line));
  return '{' + json_field("subject", account.root.certificate->subject()) + ',' +
         json_field("fingerprint", fingerprint_sha256(*account.root.certificate)) + ',' +
         json_field("file", account.root.file) + ",\"name_constraints\":" + array(constraints) +
         ",\"stores\":" + array(steps) + '}';
}

std::string_view word_for(TrustVerb verb) {
  switch (verb) {
    case TrustVerb::status: return "status";
    case TrustVerb::install: return "install";
    case TrustVerb::uninstall: return "uninstall";
  }
  return "";
}

/// The standing, coloured where it is good or bad news.
std::string standing_text(Standing standing) {
  const std::string text(name_of(standing));
  if (!stdout_has_colour()) return text;
  if (standing == Standing::trusted) return "\x1b[32m" + text + "\x1b[0m";
  return standing == Standing::no_store ? text : "\x1b[33m" + text + "\x1b[0m";
}

}  // namespace

std::string root_text(const trust::Root& root) {
  std::string out = "Root:         " + root.certificate->subject() + "\nFingerprint:  SHA-256 " +
                    fingerprint_sha256(*root.certificate) + "\nFile:         " +
                    (root.file.empty() ? "none: it was installed before" : printable(root.file));
  const auto constraints = constraints_of(*root.certificate);
  std::string may = constraints.empty()
                        ? "every name: whoever has its key can pose as any site to who trusts it"
                        : std::string();
  for (const std::string& line : constraints) may += (may.empty() ? "" : "\n              ") + line;
  return out + "\nMay certify:  " + may;
}

std::string step_text(const trust::Step& step, const trust::Root& root, Tense tense,
                      const std::string& sudo_line) {
  const trust::Store& store = step.store;
  const std::string kind(name_of(store.kind));
  std::string out = kind + std::string(8 - kind.size(), ' ') + standing_text(store.standing);
  if (!store.used_by.empty()) out += "  (" + printable(store.used_by) + ')';
  const auto line = [&out](std::string_view text) { out += "\n        " + std::string(text); };
  if (!store.path.empty()) line(printable(store.path));
  if (!store.note.empty()) line(store.note);
  if (tense == Tense::would || step.obstacle)
    for (const Action& action : step.actions) line(action_text(action, root.file));
  if (!step.by_hand.empty()) line("by hand: " + step.by_hand);
  if (const auto& error = step.obstacle ? step.obstacle : store.error) {
    line("error:   " + error->message());
    const bool is_roots = error->code == ErrorCode::trust_store_needs_root;
    line("remedy:  " + (is_roots                ? sudo_line
                        : error->remedy.empty() ? std::string(error->row().remedy)
                                                : error->remedy));
  }
  return out;
}

std::string trust_json(TrustVerb verb, Tense tense, const std::vector<TrustAccount>& accounts) {
  std::vector<std::string> roots;
  for (const TrustAccount& account : accounts) roots.push_back(account_json(account));
  return '{' + json_field("verb", word_for(verb)) + ",\"done\":" + (tense == Tense::did ? "true" : "false") +
         ",\"roots\":" + array(roots) + '}';
}

}  // namespace bulla::cli
