#include "os/roots.h"

#include "os/system_error.h"

#include <bulla/os.h>

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace bulla {
namespace {

/// Where distributions keep their bundle, the most common first (the list that Go's crypto/x509 keeps).
constexpr const char* bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Gentoo, Arch, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/var/lib/ca-certificates/ca-bundle.pem",             // the same, without its link
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",   // Arch, likewise
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/ssl/cert.pem",                                  // Alpine without its tools, BSD, macOS
};
constexpr const char* folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};

/// Adds each certificate of a text, skipping those that cannot be parsed: one odd root must not cost all
/// others.
void add_each(RootStore& roots, Bytes content) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
  std::string_view text = as_text(content);
  if (text.find(begin) == std::string_view::npos) {
    (void)roots.add(content);  // DER, or nothing of use
    return;
  }
  for (;;) {
    const size_t from = text.find(begin);
    const size_t to = text.find(end, from == std::string_view::npos ? 0 : from);
    if (from == std::string_view::npos || to == std::string_view::npos) return;
    const std::string_view block = text.substr(from, to + end.size() - from);
    text.remove_prefix(to + end.size());
    if (auto certificates = Certificate::from_pem_or_der(as_bytes(std::string(block) + '\n')))
      // Folders hold the same certificate under several names.
      for (const CertificatePtr& certificate : *certificates)
        if (!roots.contains(*certificate)) roots.add(certificate);
  }
}

/// The files of a folder by name; empty where there is no such folder.
std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return files;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string path = folder + '/' + entry->d_name;
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add_folder(RootStore& roots, const std::string& folder) {
  for (const std::string& file : files_of(folder)) os::add_file(roots, file);
}

void add_folder_list(RootStore& roots, std::string_view list) {
  while (!list.empty()) {
    const std::string_view folder = list.substr(0, list.find(':'));
    list.remove_prefix(std::min(list.size(), folder.size() + 1));
    if (!folder.empty()) add_folder(roots, std::string(folder));
  }
}

Error no_roots(const std::string& places) {
  return Error{ErrorCode::no_system_roots, "looked at " + places};
}

}  // namespace

namespace os {

void add_file(RootStore& roots, const std::string& path) {
  if (const auto content = read_file(path)) add_each(roots, *content);
}

Result<RootStore> roots_of_distribution(const std::string& prefix) {
  RootStore roots;
  for (const char* bundle : bundles) {
    add_file(roots, prefix + bundle);
    if (roots.size() > 0) return roots;
  }
  for (const char* folder : folders) {
    add_folder(roots, prefix + folder);
    if (roots.size() > 0) return roots;
  }
  return no_roots(prefix + bundles[0] + " and the usual places of other distributions");
}

}  // namespace os

Result<RootStore> system_roots() {
  const char* const file = ::secure_getenv("SSL_CERT_FILE");
  const char* const folder_list = ::secure_getenv("SSL_CERT_DIR");
  // Who sets either variable says where trust comes from; the distribution's bundle must not widen that.
  if ((file && *file) || (folder_list && *folder_list)) {
    RootStore roots;
    if (file) os::add_file(roots, file);
    if (folder_list) add_folder_list(roots, folder_list);
    if (roots.size() > 0) return roots;
    return no_roots("SSL_CERT_FILE=" + std::string(file ? file : "") +
                    " and SSL_CERT_DIR=" + std::string(folder_list ? folder_list : ""));
  }
  return os::roots_of_distribution("");
}

Result<RootStore> roots_from_path(const std::string& file_or_folder) {
  RootStore roots;
  struct stat status = {};
  if (::stat(file_or_folder.c_str(), &status) != 0)
    return os::system_error(ErrorCode::file_not_readable, file_or_folder, errno);
  if (S_ISDIR(status.st_mode)) {
    add_folder(roots, file_or_folder);
    if (roots.size() == 0) return Error{ErrorCode::certificate_not_found, "no file in " + file_or_folder};
    return roots;
  }
  // A file that was named is taken at its word: what is wrong with it is said.
  BULLA_TRY(const std::vector<uint8_t> content, read_file(file_or_folder));
  if (auto added = roots.add(content); !added) {
    Error error = std::move(added).error();
    error.detail = file_or_folder + (error.detail.empty() ? "" : ": " + error.detail);
    return error;
  }
  return roots;
}

}  // namespace bulla
