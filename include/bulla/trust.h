// The trust stores of this machine: which of them trust a root, and how they come to trust it or cease to;
// and NSS databases, the stores of browsers, as a source of roots.
//
//   const auto machine = trust::Machine::here();
//   const trust::Root root{.certificate = ca.root(), .file = ca.root_path()};
//   auto plan = trust::plan(trust::Change::install, machine, root).value();  // changes nothing
//   for (const trust::Step& step : trust::apply(machine, root, plan)) ...    // what became of each store
//
// Only certificates are written anywhere, never a key.
#pragma once

#include <bulla/certificate.h>
#include <bulla/os.h>
#include <bulla/provider.h>
#include <bulla/result.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::trust {

// ---- NSS databases as a source of roots -------------------------------------------------------------------

/// The CAs that an NSS database (cert9.db of a browser's profile, ~/.pki/nssdb) trusts to certify servers, or
/// clients: those whose trust says so ("C" and "T" of certutil). A certificate that the database distrusts,
/// or trusts for something else only, is none of them. Mozilla's own roots are not in such databases.
/// `place` is the folder or its cert9.db, with "sql:" before it or not. Anything may stand in the file: it is
/// read within bounds, and certificates that cannot be parsed are skipped. Errors: file_not_readable,
/// file_too_large; nss_database_broken; certificate_not_found where no certificate is trusted for it.
Result<RootStore> nss_roots(const std::string& place, CertificatePurpose purpose = CertificatePurpose::server,
                            const Provider& provider = default_provider());

// ---- the machine ------------------------------------------------------------------------------------------

/// A kind of store.
enum class StoreKind : uint8_t {
  system,  ///< the distribution's: curl, git, OpenSSL, GnuTLS, Go, Python, ...
  nss,     ///< browsers': Chromium and its kin, Firefox
  java,    ///< the keystore of a JDK
  node,    ///< Node.js, which has none but an environment variable
};
/// All of them, in the order in which they are worked on.
std::span<const StoreKind> all_store_kinds() noexcept;
/// "system"; static.
std::string_view name_of(StoreKind kind) noexcept;
/// Reads what name_of writes. Error: bad_argument, with all of them.
Result<StoreKind> parse_store_kind(std::string_view text);

/// A program to run: without a shell, in a session of its own without a terminal.
struct Command {
  std::string program = {};                 ///< absolute path
  std::vector<std::string> arguments = {};  ///< without the program's name
  std::string input = {};                   ///< its standard input
};

/// How a program ended.
struct CommandResult {
  int status = 0;           ///< its exit status; 128 + N where signal N ended it
  std::string output = {};  ///< standard output, whole
  std::string errors = {};  ///< standard error, whole
};

/// Who this process is to the stores.
enum class Rights : uint8_t { user, superuser };

/// Where stores are looked for, and how programs are run. A test gives its own.
struct Machine {
  /// Before every path that is not below `home`: a folder that stands for "/". Programs are not confined to
  /// it: who sets it sets `run` too.
  std::string prefix = {};
  std::string home = {};                          ///< $HOME; empty: this user has none
  std::vector<std::string> program_folders = {};  ///< where programs are looked for, in this order
  std::string java_home = {};                     ///< $JAVA_HOME
  std::string node_extra_ca_certs = {};           ///< $NODE_EXTRA_CA_CERTS
  std::string record_folder = {};  ///< what this user's own stores were given; empty: nothing is recorded
  std::string system_record_folder = {};  ///< what root gave to the stores that all users share; likewise
  Rights rights = Rights::user;           ///< of this process
  /// Runs a program. Errors: trust_store_failed where it could not be started or took too long.
  std::function<Result<CommandResult>(const Command&)> run = {};

  /// This one: the environment (which a set-user-id program does not look at), and real programs, each for at
  /// most five minutes.
  static Machine here();
};

/// Runs a program for at most `limit`, after which it and what it started are killed; its locale is C.
/// Standard output and error are kept up to 16 MiB each. Error: trust_store_failed.
Result<CommandResult> run_command(const Command& command, Milliseconds limit);

// ---- what a store says ------------------------------------------------------------------------------------

/// What a store is to a root.
enum class Standing : uint8_t {
  trusted,            ///< this very certificate is trusted
  not_trusted,        ///< it is not
  other_certificate,  ///< it is not, but another certificate of the same name is there
  no_store,           ///< there is no such store on this machine
  unknown,            ///< the store could not be read
};
/// "not trusted"; static.
std::string_view name_of(Standing standing) noexcept;

/// The certificate that is to be trusted.
struct Root {
  CertificatePtr certificate = {};  ///< a CA's own
  std::string file = {};            ///< where it stands, in the CA's folder: for lines to paste and for Node
};
/// How an entry of ours is called in every store: "bulla-", the common name in small letters, and the first
/// 16 digits of the fingerprint (SHA-256). What has another name was put there by somebody else.
std::string entry_name(const Certificate& root);

/// One store and what it says of a root.
struct Store {
  StoreKind kind = {};              ///< what it is
  std::string path = {};            ///< its folder or file; empty for no_store
  std::string used_by = {};         ///< "Firefox", "Debian, Ubuntu, Alpine", ...
  Standing standing = {};           ///< what it says
  std::string note = {};            ///< what a person should know of it; may be empty
  std::optional<Error> error = {};  ///< why it is unknown
};

/// The stores of these kinds, and what they say of a root; nothing is changed. A kind of which there is none
/// is one Store with no_store. Java is asked by running keytool, all others by reading files.
std::vector<Store> survey(const Machine& machine, const Root& root,
                          std::span<const StoreKind> kinds = all_store_kinds());

// ---- changing them ----------------------------------------------------------------------------------------

/// What is to be done.
enum class Change : uint8_t { install, uninstall };

/// One thing that is done to a store.
struct Action {
  /// What is done.
  enum class Kind : uint8_t { write_file, remove_file, make_folder, run };
  /// What a program that fails means: an error, or something that the look at the store afterwards shows.
  enum class Failure : uint8_t { is_told, is_looked_at };
  Kind kind = {};                      ///< what
  std::string path = {};               ///< of the file or folder, as this process opens it
  std::string content = {};            ///< of the file
  Command command = {};                ///< that is run
  Failure failure = Failure::is_told;  ///< of the program
};

/// One store with what is to be done to it, or was.
struct Step {
  Store store = {};                    ///< before; after apply(): as it is now
  std::vector<Action> actions = {};    ///< in this order; empty: nothing has to be done, or nothing can be
  std::string by_hand = {};            ///< a line that the user has to type or write down; may be empty
  std::optional<Error> obstacle = {};  ///< why it cannot be done; after apply(): or why it was not done
};

/// What would be done for a change; nothing is changed. Idempotent: where a store is as it should be there is
/// nothing to do. An uninstall takes out the very certificate, by its bytes, where its entry has
/// entry_name(); an entry that somebody else made is an obstacle. Errors: bad_argument for what is no CA's
/// self-signed certificate; for an install certificate_expired, certificate_not_yet_valid.
Result<std::vector<Step>> plan(Change change, const Machine& machine, const Root& root,
                               std::span<const StoreKind> kinds = all_store_kinds());
/// Does it, store by store: a failure of one leaves the others to be done. Then every store is looked at once
/// more; one that is not as it should be has an obstacle. The root is recorded first.
std::vector<Step> apply(Change change, const Machine& machine, const Root& root, std::vector<Step> plan);

/// The roots that were installed from a CA's folder and are not known to be gone from every store: also those
/// that the folder no longer has.
std::vector<CertificatePtr> recorded(const Machine& machine, const std::string& folder);

}  // namespace bulla::trust
