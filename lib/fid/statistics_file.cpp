#include "lib/fid/statistics_file.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/tensor/npz.hpp"

namespace diffusion {
namespace {

/// Relative to the largest variance: float32 files are symmetric to 1e-7.
constexpr double symmetry_tolerance = 1e-5;

void check_shapes(const std::string& path, const NpyArray& mu, const NpyArray& sigma) {
  if (mu.shape.size() != 1 || mu.count() == 0)
    throw Error(path + ": mu has " + std::to_string(mu.shape.size()) + " dimensions, not one");
  const std::size_t d = mu.shape[0];
  if (sigma.shape != std::vector<std::size_t>{d, d})
    throw Error(path + ": sigma must be " + std::to_string(d) + " x " + std::to_string(d) +
                ", as mu has " + std::to_string(d) + " features");
}

void check_covariance(const std::string& path, const Array& mean, const Array& sigma) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(mean.begin(), mean.end(), finite))
    throw Error(path + ": mu holds values that are not finite");
  if (!std::all_of(sigma.begin(), sigma.end(), finite))
    throw Error(path + ": sigma holds values that are not finite");
  double largest = 0, skew = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    largest = std::max(largest, sigma(i, i));
    for (std::size_t j = 0; j < i; ++j) skew = std::max(skew, std::abs(sigma(i, j) - sigma(j, i)));
  }
  if (skew > symmetry_tolerance * largest)
    throw Error(path + ": sigma is not symmetric: not a covariance");
}

std::size_t read_count(const std::string& path, const NpzFile& file) {
  const NpyArray n = file.read("n");
  const double count = n.count() == 1 ? *n.to_array().begin() : 0;
  if (!(count >= 1) || count != std::floor(count) || count > 1e15)
    throw Error(path + ": n must be one whole number of images");
  return std::size_t(count);
}

Json read_provenance(const std::string& path, const NpzFile& file) {
  const NpyArray meta = file.read("meta");
  if (meta.type != NpyType::uint8) throw Error(path + ": meta must be bytes (uint8) of JSON");
  Json json = parse_json(meta.bytes, path + ": meta");
  if (!json.is_object()) throw Error(path + ": meta must be a JSON object");
  return json;
}

}  // namespace

bool is_statistics_file(const std::string& path) {
  if (!path.ends_with(".npz")) return false;
  const NpzFile file(path);
  return file.has("mu") && file.has("sigma");
}

FeatureStatistics read_statistics(const std::string& path) {
  return statistics_from(NpzFile(path), path);
}

FeatureStatistics statistics_from(const NpzFile& file, const std::string& path) {
  for (const char* name : {"mu", "sigma"})
    if (!file.has(name)) throw Error(path + ": not statistics (no " + name + ")");
  const NpyArray mu = file.read("mu"), sigma = file.read("sigma");
  check_shapes(path, mu, sigma);
  FeatureStatistics out;
  out.source = path;
  out.mean = mu.to_array();
  out.covariance = sigma.to_array();
  check_covariance(path, out.mean, out.covariance);
  if (file.has("n")) out.count = read_count(path, file);
  if (file.has("meta")) out.provenance = read_provenance(path, file);
  return out;
}

void write_statistics(const std::string& path, const FeatureStatistics& statistics) {
  if (statistics.count < 2)
    throw Error(statistics.source + ": " + std::to_string(statistics.count) +
                " images have no covariance: at least two are needed");
  const auto count = std::int64_t(statistics.count);
  const std::string meta = statistics.provenance.dump();
  write_npz(
      path,
      {{"mu", npy_bytes(statistics.mean)},
       {"sigma", npy_bytes(covariance_of(statistics))},
       {"n", npy_bytes(NpyType::int64, {}, {reinterpret_cast<const char*>(&count), sizeof count})},
       {"meta", npy_bytes(NpyType::uint8, {meta.size()}, meta)}});
}

}  // namespace diffusion
