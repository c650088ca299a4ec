// Straight lines of log-SNR between knots: what Kingma et al. 2021, "Variational
// Diffusion Models" start from (two knots), and a form for learned or hand-made
// schedules.
#include <algorithm>
#include <cmath>
#include <functional>

#include "lib/base/error.hpp"
#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"
#include "lib/schedule/number_list.hpp"

namespace diffusion {
namespace {

struct Knots {
  std::vector<double> at, log_snr;  // at rises from 0 to 1, log_snr falls

  double value(double u) const {
    const auto right = std::ranges::upper_bound(at, u);
    const std::size_t i = std::min(std::size_t(right - at.begin()), at.size() - 1);
    const double share = (u - at[i - 1]) / (at[i] - at[i - 1]);
    return std::lerp(log_snr[i - 1], log_snr[i], share);
  }
};

std::vector<double> evenly(std::size_t count) {
  std::vector<double> at;
  for (std::size_t i = 0; i < count; ++i) at.push_back(double(i) / double(count - 1));
  return at;
}

Knots take_knots(Params& params) {
  const auto finite = [](double v) { return std::isfinite(v); };
  Knots knots;
  knots.log_snr = list_of_numbers(params.text("log_snr", "13.3:-5"), {"log_snr"});
  if (knots.log_snr.size() < 2 || !std::ranges::all_of(knots.log_snr, finite) ||
      std::ranges::adjacent_find(knots.log_snr, std::less_equal{}) != knots.log_snr.end())
    params.refuse("log_snr", "needs at least two finite numbers that fall, such as 13.3:0:-5");
  const std::string at = params.text("at", "even");
  knots.at = at == "even" ? evenly(knots.log_snr.size()) : list_of_numbers(at, {"at", "u"});
  if (knots.at.size() != knots.log_snr.size() || knots.at.front() != 0 || knots.at.back() != 1 ||
      std::ranges::adjacent_find(knots.at, std::greater_equal{}) != knots.at.end())
    params.refuse("at", "needs a number for each log_snr that rise from 0 to 1, such as 0:0.3:1");
  return knots;
}

}  // namespace

Schedule make_piecewise(Params& params, int steps) {
  const Knots knots = take_knots(params);
  const std::string process = params.choice("process", {"vp", "ve", "flow"});
  std::vector<double> lambdas;
  for (int t = 1; t <= steps; ++t) lambdas.push_back(knots.value(ramp(t, steps)) / 2);
  const Path path = path_named(process, params.name());
  Schedule made = from_lambdas(path, lambdas);
  // The knots themselves, so that a schedule file does not depend on a file of knots.
  made.params = {{"log_snr", numbers_in_place(knots.log_snr)},
                 {"at", numbers_in_place(knots.at)},
                 {"process", process}};
  return made;
}

}  // namespace diffusion
