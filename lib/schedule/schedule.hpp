// A noise schedule is data: a path, and a table of levels with the network's
// timestep for each. Families are functions that fill the table.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/base/params.hpp"
#include "lib/base/registry.hpp"
#include "lib/schedule/noise_level.hpp"

namespace diffusion {

struct Schedule {
  std::string family;            // a registry name, or "custom" for a bare table
  Json params = Json::object();  // the family's, defaults included
  Path path = Path::variance_preserving;
  std::vector<NoiseLevel> levels = {};  // step t = 1..T at index t - 1, cleanest first
  std::vector<double> betas = {};       // per-step variances; variance-preserving only
  Json extra = Json::object();          // keys of a file that mean nothing here, kept
  // What was taken for granted where it was imported, a sentence each, for people.
  std::vector<std::string> notes = {};

  int steps() const { return int(levels.size()); }  // T

  /// The level of step t = 0..T; 0 is clean data. Throws Error otherwise.
  NoiseLevel at(std::int64_t t) const;

  /// The level of half log-SNR `lambda`, with a timestep interpolated linearly in
  /// lambda between table levels (and held constant beyond the ends).
  /// On the straight path the timestep is 1000 tau wherever the table does not say another.
  NoiseLevel at_lambda(double lambda) const;

  /// The level that has this timestep, lambda linear between table levels (1000 tau on the
  /// straight path); beyond the ends, the end.
  NoiseLevel at_timestep(double timestep) const;
};

/// A variance-preserving table from per-step variances beta_1..beta_T in [0, 1];
/// 1 only at the last. Timesteps are t - 1. Throws Error naming the first bad one.
/// 1 - alpha_bar is summed, not subtracted: exact to rounding however small.
Schedule from_betas(std::vector<double> betas);

/// The same from marginals, which must fall from 1 towards 0; 0 only at the last.
Schedule from_alpha_bars(const std::vector<double>& alpha_bars);

/// A table from marginal noise scales: sigma (variance exploding) or tau (straight).
Schedule from_sigmas(Path path, const std::vector<double>& sigmas);

/// A table of any path from half log-SNRs that fall.
Schedule from_lambdas(Path path, const std::vector<double>& lambdas);

/// "vp", "ve" or "flow", and the reverse; throws Error that opens with `culprit`.
const char* path_name(Path path);
Path path_named(const std::string& name, const std::string& culprit);

/// The per-step variances of a table of increasing noise, as DDPM defines them.
std::vector<double> betas_of(std::span<const NoiseLevel> levels);

/// One row a family; the tools' help and lists, the manual check and the tests read it.
struct ScheduleInfo {
  std::string_view name, formula, reference;
  Schedule (*make)(Params& params, int steps);
  static std::span<const Synonym> synonyms();
};

/// The families: each makes a table of any T from its defaults.
std::span<const ScheduleInfo> schedules();

/// The parameters that a family knows.
std::vector<Parameter> schedule_parameters(const ScheduleInfo& row);

/// "custom", a table of one's own, which load_schedule takes besides families and files.
const ScheduleInfo& custom_schedule();

inline constexpr int default_steps = 1000;
inline constexpr int max_steps = 1'000'000;

/// From "cosine:s=0.008,T=500". `steps` beats T= in the spec; 0 is not given.
/// Throws Error for unknown names and parameters, and for T outside 1..max_steps.
Schedule make_schedule(std::string_view spec, int steps = 0);
Schedule make_schedule(Params params, int steps = 0);

/// Whether `spec` opens with the name of a family, be it followed by a colon and parameters.
bool names_family(const std::string& spec);

/// Whether `spec` names a file: "-", a path (has '/' or ends in .json), or an existing
/// file or folder whose name is not a family. What opens with a family's name and a colon is a
/// spec, whatever its parameters look like.
bool names_schedule_file(const std::string& spec);

/// From a schedule file, a configuration of diffusers or the folder that holds one,
/// or a family spec. Throws Error, also where a file's T is not `steps`.
Schedule load_schedule(const std::string& spec, int steps = 0);

/// The levels visited again from a finer table: a table of its own that keeps the
/// original timesteps and has betas recomputed from the kept alpha_bars (Nichol
/// and Dhariwal 2021, Sec. 4). `grid` is noisiest first; a clean end is left out.
Schedule respaced(const Schedule& schedule, std::span<const NoiseLevel> grid);

}  // namespace diffusion
