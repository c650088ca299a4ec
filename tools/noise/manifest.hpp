// The manifest: a line of JSON for every noisy image that is written.
#pragma once
#include <string>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/base/json.hpp"
#include "lib/output/destination.hpp"
#include "lib/schedule/schedule.hpp"
#include "tools/noise/job.hpp"

namespace diffusion {

/// What all lines share.
struct ManifestFacts {
  Destination images, eps;
  Path path;  // alpha_bar is of the variance-preserving one
  std::uint64_t seed;
  std::vector<std::string> label_names;
};

class Manifest {
 public:
  Manifest(const std::string& path, ManifestFacts facts) : file_(path), facts_(std::move(facts)) {}

  /// A line for each version of `job`, in the order of its levels; called in the order
  /// of the inputs.
  void add(const NoiseJob& job);
  void commit() { file_.commit(); }

 private:
  Json line(const NoiseJob& job, std::size_t version) const;
  void locate(Json& json, const std::string& key, const Destination& at,
              const std::vector<std::string>& names, std::size_t version) const;

  AtomicFile file_;
  ManifestFacts facts_;
  std::size_t lines_ = 0;
};

}  // namespace diffusion
