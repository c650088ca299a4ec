#include "lib/train/kept_checkpoints.hpp"

#include <filesystem>

#include "lib/base/error.hpp"

namespace diffusion {

namespace fs = std::filesystem;

namespace {

std::string name_beside(const std::string& model, const std::string& what, std::uint64_t step) {
  const fs::path path(model);
  const std::string name =
      path.stem().string() + what + std::to_string(step) + path.extension().string();
  return (path.parent_path() / name).string();
}

}  // namespace

std::string kept_name(const std::string& model, std::uint64_t step) {
  return name_beside(model, ".step-", step);
}

std::string snapshot_name(const std::string& model, std::uint64_t step) {
  return name_beside(model, ".snapshot-", step);
}

void keep_checkpoint(const std::string& model, std::uint64_t step, const Keeping& keeping) {
  if (keeping.most == 0) return;
  const std::string name = kept_name(model, step);
  std::error_code failure;
  fs::remove(name, failure);
  fs::create_hard_link(model, name, failure);
  if (failure)  // file systems without links
    fs::copy_file(model, name, fs::copy_options::overwrite_existing, failure);
  if (failure) throw Error(name + ": cannot be written (" + failure.message() + ")");
  const std::uint64_t span = keeping.most * keeping.every;
  if (step > span) fs::remove(kept_name(model, step - span), failure);
}

}  // namespace diffusion
