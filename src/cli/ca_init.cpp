// bulla ca init: a root and an intermediate with their records; or the local CA, adopted.
#include "cli/account.h"
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaInitFlags {
  std::string name;
  std::vector<std::string> permitted;
  std::string crl_url, ocsp_url, root_crl_url;
  std::string folder;
  unsigned days = 3650;
  NewKeyFlags key;
  bool scrypt = false;
  bool json = false;
};

constexpr const char* examples =
    "Makes root.pem, intermediate.pem, their keys and records.sqlite in a folder that is not there yet. The "
    "root's key is\n"
    "needed no more: keep it elsewhere. With no options, the CA that `bulla serve` made is adopted as it "
    "is.\n"
    "\n"
    "Examples:\n"
    "  bulla ca init --name Example\n"
    "  bulla ca init --name Example --permit example.test --permit 10.0.0.0/8 --permit @example.test\n"
    "  bulla ca init --name Example --passphrase-file secret.txt --dir example-ca\n"
    "  bulla ca init --name Example --crl-url http://ca.example.test/ca.crl --ocsp-url "
    "http://ca.example.test/ocsp\n";

/// Whether something was said of what is to be made; an existing CA cannot be given it.
bool describes_a_new_one(const CLI::App& verb) {
  for (const CLI::Option* option : verb.get_options())
    if (option->count() > 0 && !option->check_lname("json") && !option->check_lname("dir")) return true;
  return false;
}

void print_json(const ca::Authority& authority, std::string_view what) {
  print_line("{" + json_field("made", what) + ',' + json_field("folder", authority.folder()) + ',' +
             json_field("root_file", authority.root_path()) +
             ",\"root\":" + pki::describe_json(authority.root(), now()) +
             ",\"issuing\":" + pki::describe_json(authority.certificate(), now()) + '}');
}

void print_next(const ca::Authority& authority, const std::string& folder) {
  const std::string words = folder_words(folder);
  print_line("Next:");
  print_line("  bulla ca issue" + words + " www.example.com");
  print_line("  bulla ca list" + words);
  print_line("  bulla get https://www.example.com/ --ca " + shell_word(authority.root_path()));
  print_line("  bulla ca trust install" + words);
}

ExitStatus adopt(const CaInitFlags& flags, const std::string& folder) {
  const auto authority = ca::Authority::open(folder);
  if (!authority) return report_ca(authority.error());
  const auto records = authority->records();
  if (!records) return report_ca(records.error());
  if (flags.json) return print_json(*authority, "adopted"), ExitStatus::done;
  print_line("  adopted       " + printable(authority->root().subject()) +
             ", as it is: " + authority->root_path());
  print_line("  records       " + authority->folder() + "/records.sqlite  (" +
             std::to_string(records->size()) + " certificate" + (records->size() == 1 ? ")" : "s)"));
  print_next(*authority, flags.folder);
  return ExitStatus::done;
}

void print_made(const CaInitFlags& flags, const ca::Authority& authority, const SecretBytes& passphrase) {
  const auto line = [](const std::string& path, const Certificate& certificate) {
    return path + "  (" + printable(certificate.subject()) + ", " +
           pki::describe_validity(certificate, now()) + ')';
  };
  const std::string place = authority.folder() + '/';
  print_line("  root          " + line(authority.root_path(), authority.root()));
  print_line("  intermediate  " + line(place + "intermediate.pem", authority.certificate()));
  print_line("  keys          " + place + "root-key.pem, " + place + "intermediate-key.pem  " +
             key_protection(passphrase));
  print_line("  records       " + place + "records.sqlite");
  print_next(authority, flags.folder);
}

Result<ca::Authority> make(const CaInitFlags& flags, const std::string& folder,
                           const SecretBytes& passphrase) {
  BULLA_TRY(const pki::KeyKind kind, pki::KeyKind::parse(flags.key.kind));
  return ca::Authority::create(
      folder, {.name = flags.name,
               .key = kind,
               .days = flags.days,
               .intermediate_days = std::min(flags.days, 1825u),
               .permitted = flags.permitted,
               .crl_url = flags.crl_url,
               .ocsp_url = flags.ocsp_url,
               .root_crl_url = flags.root_crl_url,
               .passphrase = as_text(passphrase.reveal()),
               .derivation = flags.scrypt ? pki::KeyDerivation::scrypt : pki::KeyDerivation::pbkdf2});
}

ExitStatus run_ca_init(const CaInitFlags& flags, const CLI::App& verb) {
  const auto own = default_ca_folder();
  const auto local = data_folder();
  if (flags.folder.empty() && !own) return report(own.error());
  const std::string folder = flags.folder.empty() ? *own : flags.folder;
  const bool is_new = describes_a_new_one(verb);
  if (flags.folder.empty() && !is_new && !ca::Authority::is_there(folder) && ca::Authority::is_there(*local))
    return adopt(flags, *local);
  if (ca::Authority::is_there(folder)) {
    const auto there = ca::Authority::open(folder);
    if (there && there->is_local() && !is_new) return adopt(flags, folder);
    return report_usage({ErrorCode::ca_exists, printable(folder) + " holds a CA",
                         "`bulla ca list" + folder_words(flags.folder) +
                             "` shows it; another one needs a folder of "
                             "its own: --dir DIR"});
  }
  if (flags.scrypt && flags.key.passphrase_file.empty() && !flags.key.passphrase_prompt)
    return report_usage({ErrorCode::bad_argument, "--scrypt is about a passphrase, and there is none",
                         "add --passphrase-file FILE or --passphrase-prompt"});
  const auto passphrase = new_passphrase(flags.key);
  if (!passphrase) return report_usage(passphrase.error());
  const auto authority = make(flags, folder, *passphrase);
  if (!authority) return report_usage(authority.error());
  if (flags.scrypt)
    say("bulla: note: keys behind scrypt are opened by bulla and OpenSSL, but not by GnuTLS (certtool) and "
        "Java "
        "(keytool)");
  if (flags.json)
    print_json(*authority, "new");
  else
    print_made(flags, *authority, *passphrase);
  return ExitStatus::done;
}

}  // namespace

void add_ca_init_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaInitFlags>();
  CLI::App* verb = ca.add_subcommand("init", "Make a CA: a root, an intermediate, and their records");
  verb->add_option("--name", flags->name, "The CA's name: \"NAME Root CA\" and \"NAME Intermediate CA\"")
      ->option_text("NAME [Bulla user@host]");
  verb->add_option("--permit", flags->permitted,
                   "Confine the CA: a domain with all below it, a network, or @host for mailboxes")
      ->option_text("NAME|NET");
  verb->add_option("--days", flags->days, "How long the root is valid; the intermediate at most 1825 days")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [3650]");
  verb->add_option("--crl-url", flags->crl_url, "Where certificates say that the CRL lies: http://...")
      ->option_text("URL");
  verb->add_option("--ocsp-url", flags->ocsp_url,
                   "Where they say that the OCSP responder answers: http://...")
      ->option_text("URL");
  verb->add_option("--root-crl-url", flags->root_crl_url,
                   "Where the intermediate says that the root's own CRL lies: http://...")
      ->option_text("URL");
  add_new_key_flags(*verb, flags->key, "--key-type,--key");
  verb->add_flag("--scrypt", flags->scrypt,
                 "Encrypt with scrypt instead of PBKDF2; GnuTLS and Java then cannot open the keys");
  verb->add_option("--dir", flags->folder, "The folder to make")
      ->option_text("DIR [ca, beside the local CA]");
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  verb->footer(examples);
  verb->callback([flags, verb, &status] { status = run_ca_init(*flags, *verb); });
}

}  // namespace bulla::cli
