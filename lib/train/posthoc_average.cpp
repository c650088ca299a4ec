#include "lib/train/posthoc_average.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/train/blocks.hpp"
#include "lib/train/power_profile.hpp"
#include "lib/train/resume.hpp"
#include "lib/train/settings.hpp"

namespace diffusion {
namespace {

/// An average that a file holds.
struct Kept {
  const ModelFile* file;
  double width;
  PowerProfile profile;
};

std::vector<ModelFile> opened(const std::vector<std::string>& paths) {
  std::vector<ModelFile> files;
  for (const std::string& path : paths) files.emplace_back(path);
  return files;
}

/// Settings but for those that a run may change when it goes on.
Json settings_of(const ModelFile& file) {
  Json config = default_config();
  if (const auto recorded = recorded_config(file)) merge_config(config, *recorded, file.name());
  return config;
}

void need_one_run(const std::vector<ModelFile>& files) {
  const ModelFile& first = files.front();
  for (const ModelFile& file : files) {
    if (file.description().model != first.description().model)
      throw Error(file.name() + ": its network is another than that of " + first.name());
    if (file.description().schedule != first.description().schedule)
      throw Error(file.name() + ": its schedule is another than that of " + first.name());
    if (const auto other = fixed_difference(settings_of(first), settings_of(file)))
      throw Error(file.name() + ": is of another run than " + first.name() + ", with another " +
                  *other);
  }
}

std::uint64_t updates_of(const ModelFile& file) {
  return std::uint64_t(file.training()["updates"].whole(1));
}

/// All that the files hold, in the order of their ends and widths, each once.
std::vector<Kept> kept_in(const std::vector<ModelFile>& files) {
  std::vector<Kept> all;
  for (const ModelFile& file : files) {
    const auto widths = file.power_widths();
    if (widths.empty())
      throw Error(file.name() +
                  ": holds no power-function averages; training with `snapshots-every` N keeps "
                  "them");
    for (const double width : widths) {
      if (width < least_sigma_rel || width > most_sigma_rel)
        throw Error(file.name() + ": an average of width " + shortest(width) +
                    " is none that training keeps");
      all.push_back({&file, width, {gamma_of(width), double(updates_of(file))}});
    }
  }
  const auto place = [](const Kept& kept) { return std::pair{kept.profile.end, kept.width}; };
  std::ranges::sort(all, {}, place);
  const auto alike = [&](const Kept& a, const Kept& b) { return place(a) == place(b); };
  all.erase(std::unique(all.begin(), all.end(), alike), all.end());
  return all;
}

/// Digits enough to judge by.
double rounded(double error) { return parse_number(significant(error, 4)).value_or(error); }

/// In double, since shares of both signs cancel.
void add_share(std::vector<double>& sum, double share, std::span<const float> values) {
  for_each_block(sum.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) sum[i] += share * double(values[i]);
  });
}

void fill_with_sum(nn::Parameters& weights, const std::vector<Kept>& kept,
                   std::span<const double> shares) {
  std::vector<double> sum(weights.size(), 0);
  const std::span<float> values = weights.values();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (shares[i] == 0) continue;
    kept[i].file->read(power_prefix(kept[i].width), weights, values);
    add_share(sum, shares[i], values);
  }
  std::ranges::transform(sum, values.begin(), [](double value) { return float(value); });
  weights.touch();
}

}  // namespace

PosthocAverage posthoc_average(const std::vector<std::string>& paths, double sigma_rel) {
  const std::vector<ModelFile> files = opened(paths);
  const std::vector<Kept> kept = kept_in(files);
  need_one_run(files);
  std::vector<PowerProfile> profiles;
  for (const Kept& each : kept) profiles.push_back(each.profile);
  const PowerProfile wanted{gamma_of(sigma_rel), kept.back().profile.end};
  const ProfileFit fit = fit_profile(profiles, wanted);

  const ModelFile& last = *kept.back().file;
  PosthocAverage average{.network = last.network("raw"),
                         .description = last.description(),
                         .updates = std::uint64_t(wanted.end),
                         .averages = kept.size(),
                         .error = fit.error};
  fill_with_sum(average.network->parameters(), kept, fit.shares);
  average.description.training["average"] = {{"sigma_rel", sigma_rel},
                                             {"updates", average.updates},
                                             {"averages", average.averages},
                                             {"profile_error", rounded(average.error)}};
  return average;
}

void write_average(const std::string& path, const PosthocAverage& average) {
  const nn::Parameters& weights = average.network->parameters();
  const std::vector<WeightSet> sets{{"", weights.values()}};
  write_model_file(path, average.description, weights, sets);
}

}  // namespace diffusion
