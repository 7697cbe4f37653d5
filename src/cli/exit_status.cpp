#include "cli/exit_status.h"

#include "cli/terminal.h"

namespace bulla::cli {
namespace {

/// RFC 9846 §6.2: alerts by which a peer says that it does not accept our certificate, or wants one.
bool is_about_certificate(AlertDescription alert) noexcept {
  switch (alert) {
    case AlertDescription::no_certificate:
    case AlertDescription::bad_certificate:
    case AlertDescription::unsupported_certificate:
    case AlertDescription::certificate_revoked:
    case AlertDescription::certificate_expired:
    case AlertDescription::certificate_unknown:
    case AlertDescription::unknown_ca:
    case AlertDescription::certificate_required: return true;
    default: return false;
  }
}

/// `text` with what the peer chose made safe, line by line.
std::string safe_lines(std::string_view text) {
  std::string out;
  for (;;) {
    const size_t end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

/// What to do when the peer's alert is about our certificate.
std::string_view remedy_for(AlertDescription alert) noexcept {
  switch (alert) {
    case AlertDescription::no_certificate:
    case AlertDescription::certificate_required:
      return "the peer wants a certificate from a CA that it trusts: --cert FILE --key FILE";
    case AlertDescription::unknown_ca:
      return "the peer does not trust the CA of our certificate: show another one, with the intermediate "
             "certificates in its file, or have the peer trust that CA";
    case AlertDescription::certificate_expired: return "have our certificate issued again";
    default: return "show the peer another certificate; its log may say what is wrong with ours";
  }
}

/// Error::explain() for who types commands: that the calling program is at fault would be a riddle.
void say_error(const Error& error, std::string_view fault) {
  const ErrorRow& row = error.row();
  const bool is_ours =
      error.code == ErrorCode::peer_sent_alert && error.alert && is_about_certificate(*error.alert);
  if (is_ours) fault = describe(Fault::certificate);
  std::string out = error.message() + "\n  error:  " + std::string(row.name) + "\n  fault:  ";
  out += row.fault == Fault::api_misuse ? "the command line" : fault;
  if (!row.section.empty()) out += "\n  rule:   " + std::string(row.section);
  std::string_view next = error.next_step();
  if (is_ours && error.remedy.empty()) next = remedy_for(*error.alert);
  if (!next.empty() && next != "see the detail") out += "\n  remedy: " + std::string(next);
  say(in_red("bulla: ") + safe_lines(out));
}

}  // namespace

ExitStatus status_of(const Error& error) noexcept {
  if (error.code == ErrorCode::peer_sent_alert)
    return error.alert && is_about_certificate(*error.alert) ? ExitStatus::certificate : ExitStatus::failed;
  if (error.code == ErrorCode::client_certificate_required) return ExitStatus::certificate;
  switch (error.row().fault) {
    case Fault::certificate: return ExitStatus::certificate;
    case Fault::api_misuse: return ExitStatus::usage;
    default: return ExitStatus::failed;
  }
}

ExitStatus report(const Error& error) {
  say_error(error, describe(error.row().fault));
  return status_of(error);
}

ExitStatus report_usage(const Error& error) {
  const bool is_file = error.row().fault == Fault::transport;
  say_error(error, is_file ? "a file or folder that the command line names" : describe(error.row().fault));
  return ExitStatus::usage;
}

}  // namespace bulla::cli
