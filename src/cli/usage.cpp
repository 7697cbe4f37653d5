#include "cli/usage.h"

#include "cli/terminal.h"

#include <bulla/error.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <numeric>

namespace bulla::cli {
namespace {

/// "URL", "HOST:PORT": what the help calls an argument.
std::string label_of(const CLI::Option& option) {
  const std::string text = option.get_option_text();
  return text.substr(0, text.find(' '));
}

/// Arguments under the names that option_text() gives them: "URL", "HOST:PORT". Which options exclude each
/// other is told to who combines them; in the list it would only stand in the way.
class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat() {
    label("Positionals", "Arguments");
    label("SUBCOMMAND", "VERB");
  }
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    return is_positional ? label_of(*option) : CLI::Formatter::make_option_name(option, false);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string text = option->get_option_text();
    if (!option->get_positional()) return text.empty() ? "" : " " + text;
    const size_t space = text.find(' ');
    return space == std::string::npos ? "" : text.substr(space);
  }
};

/// The verb that was reached: "bulla", "bulla cert", "bulla cert new".
const CLI::App& chosen_verb(const CLI::App& program) {
  const CLI::App* verb = &program;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  return *verb;
}

std::string full_name(const CLI::App& verb) {
  const std::string own = verb.get_name();
  return verb.get_parent() ? full_name(*verb.get_parent()) + " " + own : own;
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(verb->get_name());
  return out;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    for (const std::string& name : option->get_snames()) out.push_back("-" + name);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

struct Complaint {
  std::string what;
  std::string hint = {};
};

/// A word that nothing took.
Complaint about_word(const CLI::App& verb, const std::string& word) {
  const std::string shown = "\"" + printable(word) + "\"";
  const std::vector<std::string> verbs = verbs_of(verb);
  const bool is_option = word.starts_with('-') && word.size() > 1;
  const std::vector<std::string> known = is_option ? options_of(verb) : verbs;
  const std::string bare = word.substr(0, word.find('='));
  if (is_option && std::find(known.begin(), known.end(), bare) != known.end())
    return {"the option " + shown + " stands before its verb", "write it behind `" + full_name(verb) + "`; "};
  const std::string meant = nearest(bare, known);
  const std::string hint = meant.empty() ? "" : "did you mean " + meant + "? ";
  if (is_option) {
    const std::string where = verbs.empty() ? "" : "; options stand behind the verb";
    return {"`" + full_name(verb) + "` has no option " + shown + where, hint};
  }
  if (!verbs.empty())
    return {"there is no verb " + shown, hint.empty() ? "use one of " + joined(verbs) + "; " : hint};
  return {"an argument too many: " + shown};
}

Complaint complaint(const CLI::App& program, const CLI::App& verb, const CLI::ParseError& error) {
  std::vector<std::string> unused = program.remaining(true);
  std::erase(unused, "--");
  if (!unused.empty()) return about_word(verb, unused.front());
  if (const auto verbs = verbs_of(verb); !verbs.empty() && verb.get_subcommands().empty())
    return {"a verb is missing", "use one of " + joined(verbs) + "; "};
  for (const CLI::Option* option : verb.get_options())
    if (option->get_positional() && option->get_required() && option->count() == 0)
      return {"an argument is missing: " + label_of(*option)};
  return {printable(error.what())};
}

}  // namespace

void use_help_format(CLI::App& program) {
  program.formatter(std::make_shared<HelpFormat>());
}

void make_options_strict(CLI::App& program) {
  const auto not_empty = [](const std::string& value) {
    return std::string(value.empty() ? "the value is empty" : "");
  };
  for (CLI::Option* option : program.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_positional()) continue;
    option->allow_extra_args(false);
    if (!option->check_lname("text") && !option->check_lname("data")) option->check(not_empty);
  }
  for (CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; }))
    make_options_strict(*verb);
}

ExitStatus report_arguments(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& verb = chosen_verb(program);
  const Complaint it = complaint(program, verb, error);
  say(in_red("bulla: ") + it.what + "\n  fault:  the command line\n  remedy: " + it.hint + "`" +
      full_name(verb) + " --help` shows what there is, with examples");
  return ExitStatus::usage;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  // Levenshtein's distance, one row at a time.
  const auto distance = [word](std::string_view other) {
    std::vector<size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 0; i < word.size(); ++i) {
      size_t diagonal = std::exchange(row[0], i + 1);
      for (size_t j = 0; j < other.size(); ++j) {
        const size_t substituted = diagonal + (word[i] == other[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
      }
    }
    return row.back();
  };
  std::string best;
  size_t best_distance =
      word.size() > 2 && word.size() < 64 ? std::min<size_t>(3, (word.size() + 2) / 3 + 1) : 0;
  for (const std::string& one : known) {
    const size_t d = distance(one);
    if (d >= best_distance) continue;
    best = one;
    best_distance = d;
  }
  return best;
}

}  // namespace bulla::cli
