// Reports of verification, for terminals and for programs.
#include "x509/evidence.h"

#include <bulla/verification_report.h>

#include <algorithm>

namespace bulla {
namespace {

using Style = VerificationReport::Style;
using Role = CandidatePath::Role;

constexpr std::string_view red = "\x1b[31m", green = "\x1b[32m", bold = "\x1b[1m", reset = "\x1b[0m";

std::string in(std::string_view color, std::string_view text, Style style) {
  if (style == Style::plain) return std::string(text);
  return std::string(color) + std::string(text) + std::string(reset);
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::leaf: return "leaf";
    case Role::trusted_leaf: return "trusted leaf";
    case Role::intermediate: return "intermediate";
    case Role::anchor: break;
  }
  return "anchor";
}
std::string_view explain(Role role) {
  switch (role) {
    case Role::leaf: return "the peer's own";
    case Role::trusted_leaf: return "the peer's own, trusted itself";
    case Role::intermediate: return "sent by the peer";
    case Role::anchor: break;
  }
  return "trusted";
}

bool has_failure(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.error.has_value(); });
}

void append_findings(std::string& out, const std::vector<Finding>& findings, Style style) {
  constexpr size_t width = 18;
  for (const Finding& finding : findings) {
    out += "     " + (finding.error ? in(red, "NO", style) : in(green, "ok", style)) + "  " +
           std::string(finding.check) + std::string(width - std::min(width, finding.check.size()), ' ') +
           printable(finding.error ? finding.error->message() : finding.evidence) + '\n';
  }
}

/// Why, the rule and what to do: what there is of them.
void append_reason(std::string& out, std::string_view why, std::string_view section,
                   std::string_view remedy) {
  if (!why.empty()) out += "  why:  " + printable(why) + '\n';
  if (!section.empty()) out += "  rule: " + std::string(section) + '\n';
  out += "  do:   " + printable(remedy) + '\n';
}

void append_path(std::string& out, const CandidatePath& path, Style style) {
  for (size_t i = 0; i < path.steps.size(); ++i) {
    const auto& step = path.steps[i];
    out += "  " + std::to_string(i + 1) + "  " + in(bold, x509::label(*step.certificate), style) + "  (" +
           std::string(explain(step.role)) + ")\n";
    append_findings(out, step.findings, style);
  }
  if (path.findings.empty()) return;
  out += "  the path as a whole\n";
  append_findings(out, path.findings, style);
}

// ---- JSON -------------------------------------------------------------------------------------------------

std::string quoted(std::string_view text) {
  return '"' + json_escaped(text) + '"';
}
std::string_view json_bool(bool value) {
  return value ? "true" : "false";
}

std::string json_of(const std::vector<Finding>& findings) {
  std::string out = "[";
  for (const Finding& finding : findings) {
    out += (out.size() > 1 ? ",{\"check\":" : "{\"check\":") + quoted(finding.check) + ",\"held\":";
    out += json_bool(!finding.error);
    out += finding.error ? ",\"error\":" + finding.error->to_json()
                         : ",\"evidence\":" + quoted(finding.evidence);
    out += '}';
  }
  return out + ']';
}

std::string json_of(const CandidatePath::Step& step) {
  return "{\"subject\":" + quoted(step.certificate->subject()) +
         ",\"issuer\":" + quoted(step.certificate->issuer()) +
         ",\"serial\":" + quoted(step.certificate->serial()) + ",\"role\":" + quoted(name_of(step.role)) +
         ",\"checks\":" + json_of(step.findings) + '}';
}

std::string json_of(const Warning& warning) {
  return "{\"what\":" + quoted(warning.what) + ",\"why\":" + quoted(warning.why) +
         ",\"section\":" + quoted(warning.section) + ",\"remedy\":" + quoted(warning.remedy) + '}';
}

std::string json_of(const CandidatePath& path) {
  std::string out = "{\"accepted\":" + std::string(json_bool(path.accepted())) +
                    ",\"reaches_anchor\":" + std::string(json_bool(path.reaches_anchor)) +
                    ",\"certificates\":[";
  for (size_t i = 0; i < path.steps.size(); ++i) out += (i ? "," : "") + json_of(path.steps[i]);
  return out + "],\"checks\":" + json_of(path.findings) + '}';
}

}  // namespace

bool CandidatePath::accepted() const noexcept {
  return reaches_anchor && !has_failure(findings) &&
         std::none_of(steps.begin(), steps.end(),
                      [](const Step& step) { return has_failure(step.findings); });
}

std::string VerificationReport::to_text(Style style) const {
  std::string out;
  if (error) {
    const ErrorRow& row = error->row();
    out = in(red, "Not verified", style) + ": " + printable(row.sentence) + '\n';
    append_reason(out, error->detail, row.section, error->next_step());
  } else {
    out = in(green, "Verified", style) + ": up to " + x509::label(*paths.front().steps.back().certificate) +
          '\n';
  }
  for (const Warning& one : warnings) {
    out += in(red, "Warning", style) + ": " + printable(one.what) + '\n';
    append_reason(out, one.why, one.section, one.remedy);
  }
  for (size_t i = 0; i < paths.size(); ++i) {
    out += "\nPath " + std::to_string(i + 1) + " of " + std::to_string(paths.size()) + ": " +
           (paths[i].accepted() ? in(green, "accepted", style) : in(red, "refused", style)) + '\n';
    append_path(out, paths[i], style);
  }
  if (!complete) out += "\nThere are more paths than these; they are not told.\n";
  return out;
}

std::string VerificationReport::to_json() const {
  std::string out = "{\"verified\":" + std::string(json_bool(!error)) +
                    ",\"error\":" + (error ? error->to_json() : "null") +
                    ",\"complete\":" + std::string(json_bool(complete)) + ",\"warnings\":[";
  for (size_t i = 0; i < warnings.size(); ++i) out += (i ? "," : "") + json_of(warnings[i]);
  out += "],\"paths\":[";
  for (size_t i = 0; i < paths.size(); ++i) out += (i ? "," : "") + json_of(paths[i]);
  return out + "]}";
}

}  // namespace bulla
