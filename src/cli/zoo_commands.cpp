// bulla zoo: bad certificates, to test clients with.
#include "cli/account.h"
#include "cli/cert_files.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/zoo_client.h"
#include "cli/zoo_server.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  bulla zoo list                            what there is, and what is to be found\n"
    "  bulla zoo test                            does this program refuse all that it has to?\n"
    "  bulla zoo test -- curl -s --cacert {ca} {url}\n"
    "  bulla zoo serve                           for browsers and by hand: "
    "https://sound.zoo.localhost:8443/\n"
    "  bulla zoo make animals                    the same as files\n";

constexpr const char* test_examples =
    "The command is run once for each specimen, without a shell and with nothing to read. In its words\n"
    "{url}, {host}, {port} and {ca} stand for the address, its parts, and the file with the root to trust; "
    "{crl} for\n"
    "the file with the lists of the zoo's CAs. A client that is not told to look at revocation gets a note "
    "there.\n"
    "Exit status 0 of it: accepted. Exit status of this verb: 1 where the client is broken.\n"
    "\n"
    "Examples:\n"
    "  bulla zoo test\n"
    "  bulla zoo test -- curl -s --cacert {ca} {url}\n"
    "  bulla zoo test -- openssl s_client -connect 127.0.0.1:{port} -servername {host} -verify_hostname "
    "{host} \\\n"
    "      -verify_return_error -CAfile {ca}\n"
    "  bulla zoo test -- curl -s --cacert {ca} --cert-status {url}\n"
    "  bulla zoo test -- curl -s --cacert {ca} --crlfile {crl} {url}\n"
    "  bulla zoo test --json -- ./my-client --root {ca} {url}\n";

std::string_view finding_of(const pki::Specimen& specimen) {
  return specimen.finding ? row_of(*specimen.finding).name : std::string_view("none");
}

// ---- list -------------------------------------------------------------------------------------------------

struct ListFlags {
  bool json = false;
};

ExitStatus run_list(const ListFlags& flags) {
  constexpr size_t width = 24;
  for (const pki::Specimen& one : pki::specimens()) {
    if (flags.json) {
      print_line("{" + json_field("name", one.name) + "," + json_field("what", one.what) + "," +
                 json_field("host", one.host()) + ",\"accept\":" + (one.finding ? "false" : "true") + "," +
                 json_field("finding", finding_of(one)) + "}");
      continue;
    }
    std::string line = "  " + std::string(one.name);
    line.resize(width, ' ');
    print_line(line + std::string(one.what) + (one.finding ? " (" + std::string(finding_of(one)) + ")" : ""));
  }
  return ExitStatus::done;
}

// ---- make -------------------------------------------------------------------------------------------------

struct MakeFlags {
  std::string folder;
  bool force = false;
};

Result<void> write_specimen(const MakeFlags& flags, const pki::Zoo& zoo, const pki::Specimen& specimen) {
  BULLA_TRY(const pki::Exhibit exhibit, zoo.exhibit(specimen));
  const auto if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const std::string stem = flags.folder + '/' + std::string(specimen.name);
  if (!exhibit.ocsp_response.empty()) {
    BULLA_TRY(write_file(stem + ".ocsp", exhibit.ocsp_response, Privacy::world_readable, if_exists));
  }
  BULLA_TRY(write_file(stem + "-key.pem", exhibit.key.to_pem().reveal(), Privacy::owner_only, if_exists));
  return write_file(stem + ".pem", as_bytes(exhibit.chain_pem()), Privacy::world_readable, if_exists);
}

ExitStatus report_make(Error error) {
  if (error.code == ErrorCode::file_exists)
    error.remedy = "add --force to replace it, or write to another folder";
  return report_usage(error);
}

ExitStatus run_make(const MakeFlags& flags) {
  std::error_code wrong;
  std::filesystem::create_directories(flags.folder, wrong);
  const auto zoo = pki::Zoo::open();
  if (!zoo) return report(zoo.error());
  const auto if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const auto root =
      write_file(flags.folder + "/root.pem", as_bytes(zoo->root_pem()), Privacy::world_readable, if_exists);
  if (!root) return report_make(root.error());
  const auto lists = write_file(flags.folder + "/lists.crl.pem", as_bytes(zoo->lists_pem()),
                                Privacy::world_readable, if_exists);
  if (!lists) return report_make(lists.error());
  for (const pki::Specimen& one : pki::specimens())
    if (const auto written = write_specimen(flags, *zoo, one); !written) return report_make(written.error());
  print_line("  " + std::to_string(pki::specimens().size()) + " chains with their keys in " +
             printable(flags.folder) + ", for names like " + pki::specimens().front().host());
  print_line("  root          " + printable(flags.folder) + "/root.pem (its key was not kept)");
  print_line("  revocation    " + printable(flags.folder) +
             "/lists.crl.pem, and NAME.ocsp where a server is to staple it");
  print_line("Next:");
  print_line("  bulla cert verify " + shell_word(flags.folder + "/expired.pem") + " --ca " +
             shell_word(flags.folder + "/root.pem") + " --name expired.zoo.localhost");
  return ExitStatus::done;
}

// ---- serve ------------------------------------------------------------------------------------------------

struct ServeFlags {
  std::string listen = "localhost:8443";
  std::string root_out = "zoo-root.pem";
};

ExitStatus run_serve(const ServeFlags& flags) {
  auto opened = ZooServer::open(ZooServer::Log::on);
  if (!opened) return report(opened.error());
  ZooServer& zoo = **opened;
  // A new root each time: an old file would be of no use.
  if (const auto written = write_file(flags.root_out, as_bytes(zoo.zoo().root_pem())); !written)
    return report_usage(written.error());
  zoo.server().stop_on_signals();
  if (const auto started = zoo.server().start(flags.listen); !started) return report(started.error());
  const std::string sound = zoo.url_of(pki::specimens().front()), root = shell_word(flags.root_out);
  say("The zoo is open at " + sound + ", each specimen under its own name");
  say(account_line("root", printable(flags.root_out) + ", for clients to trust as long as this runs") +
      account_line("try", "curl --cacert " + root + ' ' + sound) + "Ctrl-C stops it.");
  zoo.server().wait();
  return ExitStatus::done;
}

// ---- test -------------------------------------------------------------------------------------------------

ExitStatus run_test(const ZooTestFlags& flags) {
  auto opened = ZooServer::open(ZooServer::Log::off);
  if (!opened) return report(opened.error());
  if (const auto started = (*opened)->server().start("localhost:0"); !started) return report(started.error());
  const auto broken = test_client(**opened, flags);
  (*opened)->server().stop();
  if (!broken) return report_usage(broken.error());
  return *broken ? ExitStatus::failed : ExitStatus::done;
}

void add_list_command(CLI::App& zoo, ExitStatus& status) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* verb = zoo.add_subcommand("list", "What there is, and what is wrong with it");
  verb->add_flag("--json", flags->json, "One JSON object a line");
  verb->footer("Examples:\n  bulla zoo list\n  bulla zoo list --json\n");
  verb->callback([flags, &status] { status = run_list(*flags); });
}

void add_make_command(CLI::App& zoo, ExitStatus& status) {
  auto flags = std::make_shared<MakeFlags>();
  CLI::App* verb = zoo.add_subcommand("make", "Write chains and keys to a folder");
  verb->add_option("folder", flags->folder, "Where they go; made if it is not there")
      ->required()
      ->option_text("DIR");
  verb->add_flag("--force", flags->force, "Replace files that are there");
  verb->footer("Examples:\n  bulla zoo make animals\n");
  verb->callback([flags, &status] { status = run_make(*flags); });
}

void add_serve_command_of_zoo(CLI::App& zoo, ExitStatus& status) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* verb = zoo.add_subcommand("serve", "Show all of them over HTTPS, each under its own name");
  verb->add_option("--listen", flags->listen, "Address and port")->option_text("ADDR:PORT [localhost:8443]");
  verb->add_option("--root-out", flags->root_out, "Where the root goes that clients are to trust")
      ->option_text("FILE [zoo-root.pem]");
  verb->footer("Examples:\n  bulla zoo serve\n  bulla zoo serve --listen :8443 --root-out root.pem\n");
  verb->callback([flags, &status] { status = run_serve(*flags); });
}

void add_test_command(CLI::App& zoo, ExitStatus& status) {
  auto flags = std::make_shared<ZooTestFlags>();
  CLI::App* verb = zoo.add_subcommand("test", "Let a client loose on all of them");
  verb->add_option("command", flags->command,
                   "The client and its arguments, behind -- (default: this program)")
      ->option_text("COMMAND...");
  verb->add_option("--timeout", flags->timeout, "Seconds that one run may take")->option_text("SECONDS [20]");
  verb->add_flag("--json", flags->json, "One JSON object a line");
  verb->footer(test_examples);
  verb->callback([flags, &status] { status = run_test(*flags); });
}

}  // namespace

void add_zoo_commands(CLI::App& program, ExitStatus& status) {
  CLI::App* zoo = program.add_subcommand("zoo", "Bad certificates, to test clients with");
  zoo->require_subcommand(1);
  zoo->footer(examples);
  add_list_command(*zoo, status);
  add_test_command(*zoo, status);
  add_serve_command_of_zoo(*zoo, status);
  add_make_command(*zoo, status);
  for (CLI::App* verb : zoo->get_subcommands([](const CLI::App*) { return true; })) verb->group("Verbs");
}

}  // namespace bulla::cli
