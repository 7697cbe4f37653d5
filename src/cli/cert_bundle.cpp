// bulla cert bundle: the chain that a server sends, out of whatever files there are.
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/cert_input.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "os/shell_word.h"
#include "x509/evidence.h"

#include <bulla/bundle.h>

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CertBundleFlags {
  std::vector<std::string> inputs;
  std::string key, passphrase_file, ca, out;
  bool with_root = false, force = false;
};

constexpr const char* examples =
    "Leaf first, each certificate signed by the next, as RFC 9846 wants it; what is there twice, or belongs "
    "to no "
    "chain, is left out.\n"
    "Exit status 3: an issuer is missing, and no trusted root has its name.\n"
    "\n"
    "Examples:\n"
    "  bulla cert bundle www.pem intermediates/*.crt > chain.pem\n"
    "  bulla cert bundle *.pem --key www-key.pem --out chain.pem\n"
    "  bulla cert bundle www.pem --with-root --ca root.pem\n";

Result<std::optional<pki::KeyPair>> load_key(const CertBundleFlags& flags) {
  if (flags.key.empty()) return std::optional<pki::KeyPair>();
  BULLA_TRY(const SecretBytes file, read_input(flags.key));
  BULLA_TRY(pki::KeyPair key, open_input(flags.key, flags.passphrase_file, [&](std::string_view passphrase) {
              return pki::KeyPair::load(file.reveal(), passphrase);
            }));
  return std::optional(std::move(key));
}

/// The trusted root that signed the last of the chain; nullptr where there is none.
CertificatePtr trusted_root(const RootStore& roots, const CertificatePtr& last) {
  std::vector<CertificatePtr> both = {last};
  for (const CertificatePtr& root : roots.with_subject(last->issuer_der())) both.push_back(root);
  const auto ordered = pki::order_chain(both, {.key = last->public_key(), .root = pki::RootInChain::keep});
  return ordered ? ordered->root : nullptr;
}

/// `--ca`, or what the system trusts; a system without roots trusts nobody.
Result<RootStore> roots_of(const CertBundleFlags& flags) {
  if (!flags.ca.empty()) return roots_named(flags.ca);
  auto roots = system_roots();
  return roots ? *std::move(roots) : RootStore();
}

void say_line(std::string_view label, std::string_view text) {
  std::string line = "  " + std::string(label);
  line.resize(16, ' ');
  say(line + std::string(text));
}

void say_chain(const pki::OrderedChain& ordered, const CertificatePtr& root) {
  for (size_t i = 0; i < ordered.chain.size(); ++i) {
    const Certificate& one = *ordered.chain[i];
    say_line(i == 0 ? "certificate" : "", x509::label(one) + ", " + pki::describe_validity(one, now()));
  }
  if (root) {
    const bool in_chain = ordered.chain.back() == root;
    say_line("root",
             x509::label(*root) + (in_chain ? "" : "  (left out: who trusts it has it; --with-root)"));
  }
  for (const CertificatePtr& one : ordered.unrelated)
    say_line("left out", x509::label(*one) + "  (no part of the chain)");
  if (ordered.repeated)
    say_line("left out",
             std::to_string(ordered.repeated) + (ordered.repeated == 1 ? " repetition" : " repetitions"));
}

void say_missing(const pki::OrderedChain& ordered) {
  say(in_red("bulla: ") +
      "the issuer of the last certificate is missing: " + x509::shortened(printable(ordered.missing)));
  if (!ordered.why_missing.empty()) say("  reason: " + ordered.why_missing);
  if (ordered.missing_at.empty())
    say("  remedy: get it from who issued the certificate, and name its file too");
  else
    say("  remedy: curl -O " + shell_word(ordered.missing_at) + ", and name that file too");
}

ExitStatus write_chain(const CertBundleFlags& flags, const pki::OrderedChain& ordered) {
  const std::string pem = pki::to_pem(ordered.chain);
  if (flags.out.empty() || flags.out == "-") {
    const auto written = write_out(as_bytes(pem));
    return written ? ExitStatus::done : report(written.error());
  }
  const auto written = write_file(flags.out, as_bytes(pem), Privacy::world_readable,
                                  flags.force ? IfExists::replace : IfExists::refuse);
  if (written) return ExitStatus::done;
  Error error = written.error();
  if (error.code == ErrorCode::file_exists)
    error.remedy = "add --force to replace it, or write elsewhere: --out FILE";
  return report_usage(error);
}

ExitStatus run_cert_bundle(const CertBundleFlags& flags) {
  const auto key = load_key(flags);
  if (!key) return report_usage(key.error());
  const auto roots = roots_of(flags);
  if (!roots) return report_usage(roots.error());
  Gathered all;
  const GatherFlags how = {.passphrase_file = flags.passphrase_file, .keys = Keys::ignore};
  for (const std::string& input : flags.inputs)
    if (const auto gathered = gather(input, how, all); !gathered) return report_usage(gathered.error());
  pki::ChainRequest request = {.root =
                                   flags.with_root ? pki::RootInChain::keep : pki::RootInChain::leave_out};
  if (*key) request.key = (*key)->public_key();
  auto ordered = pki::order_chain(all.certificates, request);
  if (!ordered) {
    Error error = ordered.error();
    if (error.code == ErrorCode::bad_argument) error.remedy = "name the key of the first one: --key FILE";
    return report_usage(error);
  }
  CertificatePtr root = ordered->root;
  if (!root && (root = trusted_root(*roots, ordered->chain.back())) && flags.with_root)
    ordered->chain.push_back(root);
  say_chain(*ordered, root);
  const ExitStatus status = write_chain(flags, *ordered);
  if (root || status != ExitStatus::done) return status;
  say_missing(*ordered);
  return ExitStatus::certificate;
}

}  // namespace

void add_cert_bundle_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertBundleFlags>();
  CLI::App* verb =
      cert.add_subcommand("bundle", "Put certificates in the order in which a server sends them");
  verb->add_option("in", flags->inputs,
                   "Certificates in any order: PEM, DER or PKCS#12; - for standard input; keys are ignored")
      ->required()
      ->option_text("FILE");
  verb->add_option("--key", flags->key, "Begin with the certificate of this key")->option_text("FILE");
  verb->add_option("--passphrase-file", flags->passphrase_file,
                   "First line: the passphrase of what is encrypted (default: ask on the terminal)")
      ->option_text("FILE");
  verb->add_flag("--with-root", flags->with_root, "Keep the root at the end");
  verb->add_option("--ca", flags->ca, "The roots that a chain may lead to (default: the system's)")
      ->option_text("FILE|DIR");
  verb->add_option("--out", flags->out, "The file to write (default: standard output)")->option_text("FILE");
  verb->add_flag("--force", flags->force, "Replace a file that is there");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_bundle(*flags); });
}

}  // namespace bulla::cli
