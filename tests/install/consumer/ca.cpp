// A CA with records from an installed tree: made, used, told what it made, and how stores would call it.
#include <bulla/ca.h>
#include <bulla/trust.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "bulla-consumer-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return 1;
  const auto ca = bulla::ca::Authority::create(folder, {.name = "Example"});
  const auto issuer = ca ? ca->unlock() : ca.error();
  const auto issued = issuer ? issuer->issue({.names = {"www.example.com"}}) : issuer.error();
  // No store of this machine is asked, let alone changed.
  const auto root = bulla::ca::find_root(folder);
  const bool is_named =
      root && bulla::trust::entry_name(*root->certificate).starts_with("bulla-example-root-ca-");
  const bool ok = issued && is_named && ca->find("www.example.com") && ca->records()->size() == 3;
  std::filesystem::remove_all(folder);
  std::puts(ok ? "ca: as expected" : "ca: FAILED");
  return ok ? 0 : 1;
}
