// All of a certificate in words: what `openssl x509 -text` is asked for.
#include "asn1/time.h"
#include "pki/describe.h"
#include "pki/extension_text.h"
#include "x509/certificate.h"
#include "x509/fingerprint.h"

namespace bulla::pki {
namespace {

class Text {
 public:
  void line(std::string_view label, std::string_view value) {
    constexpr size_t width = 13;
    out_ +=
        "  " + std::string(label) + ':' + std::string(width - label.size(), ' ') + std::string(value) + '\n';
  }
  void below(std::string_view indent, const std::vector<std::string>& lines) {
    for (const std::string& one : lines) out_ += std::string(indent) + one + '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void write_extension(Text& text, const x509::Extension& extension) {
  const std::string name = extension_name(extension.oid);
  text.below("    ", {name + (extension.critical ? ", critical" : "")});
  text.below("      ", extension_lines(extension));
}

}  // namespace

std::string describe_whole(const Certificate& certificate, Time now, const Provider& provider) {
  const x509::ParsedCertificate& parsed = certificate.parsed();
  Text text;
  text.line("Version", std::to_string(parsed.version));
  text.line("Serial", certificate.serial());
  text.line("Subject", certificate.subject());
  text.line("Issuer", certificate.issuer() + (parsed.self_issued ? " (itself)" : ""));
  text.line("Not before", asn1::format_time(certificate.not_before()));
  text.line("Not after",
            asn1::format_time(certificate.not_after()) + ", " + describe_validity(certificate, now));
  text.line("Key", x509::print_key(parsed.public_key));
  text.below("    ", hex_lines(parsed.public_key.bits));
  text.line("Key SHA-256", x509::fingerprint_text(certificate.spki(), provider));
  if (!parsed.extensions.all.empty()) text.line("Extensions", std::to_string(parsed.extensions.all.size()));
  for (const x509::Extension& extension : parsed.extensions.all) write_extension(text, extension);
  text.line("Signature", x509::print_algorithm(parsed.signature) +
                             (x509::is_weak_signature(parsed.signature) ? " (broken)" : ""));
  text.below("    ", hex_lines(parsed.signature_value));
  text.line("SHA-256", fingerprint_sha256(certificate, provider));
  return text.take();
}

}  // namespace bulla::pki
