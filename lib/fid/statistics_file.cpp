#include "lib/fid/statistics_file.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace {

/// Relative to the largest variance: float32 files are symmetric to 1e-7.
constexpr double symmetry_tolerance = 1e-5;

/// The names of a mean and its covariance in files.
struct Names {
  std::string mu, sigma;
};
const Names of_features{"mu", "sigma"}, of_spatial{"mu_s", "sigma_s"};

void check_shapes(const std::string& path, const Names& names, const NpyArray& mu,
                  const NpyArray& sigma) {
  if (mu.shape.size() != 1)
    throw Error(path + ": " + names.mu + " has " + std::to_string(mu.shape.size()) +
                " dimensions, not one");
  const std::size_t d = mu.shape[0];
  if (sigma.shape != std::vector<std::size_t>{d, d})
    throw Error(path + ": " + names.sigma + " must be " + std::to_string(d) + " x " +
                std::to_string(d) + ", as " + names.mu + " has " + std::to_string(d) + " features");
}

void check_covariance(const std::string& path, const Names& names, const Array& mean,
                      const Array& sigma) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(mean.begin(), mean.end(), finite))
    throw Error(path + ": " + names.mu + " holds values that are not finite");
  if (!std::all_of(sigma.begin(), sigma.end(), finite))
    throw Error(path + ": " + names.sigma + " holds values that are not finite");
  double largest = 0, skew = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    largest = std::max(largest, sigma(i, i));
    for (std::size_t j = 0; j < i; ++j) skew = std::max(skew, std::abs(sigma(i, j) - sigma(j, i)));
  }
  if (skew > symmetry_tolerance * largest)
    throw Error(path + ": " + names.sigma + " is not symmetric: not a covariance");
}

FeatureStatistics read_moments(const std::string& path, const NpzFile& file, const Names& names) {
  for (const std::string& name : {names.mu, names.sigma})
    if (!file.has(name)) throw Error(path + ": not statistics (no " + name + ")");
  const NpyArray mu = file.read(names.mu), sigma = file.read(names.sigma);
  check_shapes(path, names, mu, sigma);
  FeatureStatistics out;
  out.source = path;
  out.mean = mu.to_array();
  out.covariance = sigma.to_array();
  check_covariance(path, names, out.mean, out.covariance);
  return out;
}

std::size_t read_count(const std::string& path, const NpzFile& file) {
  const NpyArray n = file.read("n");
  const double count = n.count() == 1 ? *n.to_array().begin() : 0;
  if (!(count >= 0) || count != std::floor(count) || count > 1e15)
    throw Error(path + ": n must be one whole number of images");
  return std::size_t(count);
}

Json read_provenance(const std::string& path, const NpzFile& file) {
  const NpyArray meta = file.read("meta");
  if (meta.type != NpyType::uint8) throw Error(path + ": meta must be bytes (uint8) of JSON");
  Json json = parse_json(meta.bytes, path + ": meta");
  if (const auto features = JsonAt(json, path + ": meta").find("features")) features->text();
  return json;
}

}  // namespace

bool is_statistics(const NpzFile& file) { return file.has("mu") && file.has("sigma"); }

SetStatistics read_statistics(const std::string& path) {
  return statistics_from(NpzFile(path), path);
}

SetStatistics statistics_from(const NpzFile& file, const std::string& path) {
  SetStatistics out{read_moments(path, file, of_features)};
  if (file.has("n")) out.features.count = read_count(path, file);
  if (out.features.holds_nothing() != (file.has("n") && out.features.count == 0))
    throw Error(path + ": mu has " + std::to_string(out.features.dims()) + " features and n is " +
                std::to_string(out.features.count) + ": only without images are there none");
  if (file.has("meta")) out.features.provenance = read_provenance(path, file);
  if (file.has(of_spatial.mu) || file.has(of_spatial.sigma)) {
    out.spatial = read_moments(path, file, of_spatial);
    out.spatial->count = out.features.count;
    out.spatial->provenance = out.features.provenance;
  }
  return out;
}

void write_statistics(const std::string& path, const SetStatistics& statistics) {
  const FeatureStatistics& features = statistics.features;
  const auto count = std::int64_t(features.count);
  const std::string meta = one_line(features.provenance);
  std::vector<std::pair<std::string, std::string>> members;
  const auto add = [&](const Names& names, const FeatureStatistics& moments) {
    members.emplace_back(names.mu, npy_bytes(moments.mean));
    members.emplace_back(names.sigma, npy_bytes(covariance_of(moments)));
  };
  add(of_features, features);
  if (statistics.spatial) add(of_spatial, *statistics.spatial);
  members.emplace_back(
      "n", npy_bytes(NpyType::int64, {}, {reinterpret_cast<const char*>(&count), sizeof count}));
  members.emplace_back("meta", npy_bytes(NpyType::uint8, {meta.size()}, meta));
  write_npz(path, members);
}

SetStatistics merge(std::span<const SetStatistics> parts) {
  std::vector<FeatureStatistics> features, spatial;
  for (const SetStatistics& part : parts) {
    features.push_back(part.features);
    if (part.spatial) spatial.push_back(*part.spatial);
    if (part.spatial.has_value() != parts[0].spatial.has_value())
      throw Error((part.spatial ? parts[0] : part).features.source +
                  ": holds no spatial features (mu_s), as other parts do");
  }
  SetStatistics out{merge(features)};
  if (!spatial.empty()) out.spatial = merge(spatial);
  return out;
}

}  // namespace diffusion
