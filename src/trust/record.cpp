#include "trust/record.h"

#include "trust/stores.h"

#include <bulla/pki.h>

#include <algorithm>
#include <filesystem>

namespace bulla::trust {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_is = "Folder: ";

/// One spelling for one folder.
std::string plain(const std::string& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(folder, error), error);
  std::string out = error ? folder : whole.lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

std::string path_of(const std::string& record_folder, const Certificate& certificate) {
  return record_folder + '/' + fingerprint_digits(certificate) + ".pem";
}

/// The certificate of a record that is about this folder; nullptr otherwise.
CertificatePtr read_record(const std::string& path, const std::string& folder) {
  constexpr size_t longest = size_t{1} << 20;
  const auto content = read_file(path, longest);
  if (!content) return nullptr;
  std::string_view line = as_text(*content);
  line = line.substr(0, line.find('\n'));
  if (!line.starts_with(folder_is) || line.substr(folder_is.size()) != folder) return nullptr;
  const auto certificates = Certificate::from_pem_or_der(*content);
  return certificates ? certificates->front() : nullptr;
}

}  // namespace

const std::string& record_folder_for(const Machine& machine, StoreKind kind) {
  const bool is_shared = kind == StoreKind::system || kind == StoreKind::java;
  return is_shared && machine.rights == Rights::superuser ? machine.system_record_folder
                                                          : machine.record_folder;
}

Result<void> write_record(const std::string& record_folder, const Machine& machine, const Root& root) {
  if (record_folder.empty()) return {};
  const bool is_for_all = record_folder == machine.system_record_folder;
  BULLA_TRY(make_folders(record_folder, is_for_all ? Privacy::world_readable : Privacy::owner_only));
  const std::string folder = plain(fs::path(root.file).parent_path().string());
  const std::string text =
      std::string(folder_is) + folder + '\n' + pki::to_pem(std::span(&root.certificate, 1));
  return write_file(path_of(record_folder, *root.certificate), as_bytes(text));
}

void remove_record(const Machine& machine, const Root& root) {
  std::error_code ignored;
  for (const std::string& folder : {machine.record_folder, machine.system_record_folder})
    if (!folder.empty()) fs::remove(path_of(folder, *root.certificate), ignored);
}

std::vector<CertificatePtr> recorded(const Machine& machine, const std::string& folder) {
  std::vector<std::string> paths;
  for (const std::string& one : {machine.record_folder, machine.system_record_folder}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(one, error)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<CertificatePtr> out;
  for (const std::string& path : paths) {
    CertificatePtr found = read_record(path, plain(folder));
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const CertificatePtr& one) {
      return found && equal_vartime(one->der(), found->der());
    });
    if (found && !is_known) out.push_back(std::move(found));
  }
  return out;
}

}  // namespace bulla::trust
