// What is known of the scheduler classes of diffusers: their defaults, their settings
// and their formulas of betas.
#pragma once
#include <algorithm>
#include <span>
#include <string_view>

namespace diffusion::diffusers {

enum class Kind { betas, edm, flow, ncsn };

/// The defaults of a class's beta schedule.
struct BetaDefaults {
  double start, end;
  std::string_view schedule;
};

inline constexpr BetaDefaults ddpm{1e-4, 0.02, "linear"};
inline constexpr BetaDefaults stable{0.00085, 0.012, "linear"};
inline constexpr BetaDefaults latent{0.00085, 0.012, "scaled_linear"};
inline constexpr BetaDefaults cog = latent;

struct Class {
  std::string_view name;
  Kind kind;
  BetaDefaults betas = ddpm;
  /// Those it has that not all have; "clips" is a clip_sample that is true unless said.
  std::string_view settings = "";
};

inline std::span<const Class> classes() {
  static constexpr Class rows[] = {
      {"DDPMScheduler", Kind::betas, ddpm,
       "rescale_betas_zero_snr sigmoid laplace clips thresholding variance_type"},
      {"DDPMParallelScheduler", Kind::betas, ddpm,
       "rescale_betas_zero_snr sigmoid laplace clips thresholding variance_type"},
      {"DDIMScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr clips thresholding"},
      {"DDIMParallelScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr clips thresholding"},
      {"DDIMInverseScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr clips"},
      {"CogVideoXDDIMScheduler", Kind::betas, cog, "rescale_betas_zero_snr snr_shift_scale clips"},
      {"CogVideoXDPMScheduler", Kind::betas, cog, "rescale_betas_zero_snr snr_shift_scale clips"},
      {"PNDMScheduler", Kind::betas},
      {"DPMSolverMultistepScheduler", Kind::betas, ddpm,
       "rescale_betas_zero_snr use_flow_sigmas thresholding"},
      {"DPMSolverMultistepInverseScheduler", Kind::betas, ddpm, "use_flow_sigmas thresholding"},
      {"DPMSolverSinglestepScheduler", Kind::betas, ddpm, "use_flow_sigmas thresholding"},
      {"DPMSolverSDEScheduler", Kind::betas, stable},
      {"UniPCMultistepScheduler", Kind::betas, ddpm,
       "rescale_betas_zero_snr use_flow_sigmas thresholding"},
      {"DEISMultistepScheduler", Kind::betas, ddpm, "use_flow_sigmas thresholding"},
      {"SASolverScheduler", Kind::betas, ddpm, "use_flow_sigmas thresholding"},
      {"EulerDiscreteScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr timestep_type"},
      {"EulerAncestralDiscreteScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"HeunDiscreteScheduler", Kind::betas, stable, "exp clip_sample"},
      {"LMSDiscreteScheduler", Kind::betas},
      {"KDPM2DiscreteScheduler", Kind::betas, stable},
      {"KDPM2AncestralDiscreteScheduler", Kind::betas, stable},
      {"LCMScheduler", Kind::betas, latent, "rescale_betas_zero_snr clip_sample thresholding"},
      {"TCDScheduler", Kind::betas, latent, "rescale_betas_zero_snr clip_sample thresholding"},
      {"EDMEulerScheduler", Kind::edm},
      {"EDMDPMSolverMultistepScheduler", Kind::edm, ddpm, "thresholding"},
      {"ScoreSdeVeScheduler", Kind::ncsn},
      {"FlowMatchEulerDiscreteScheduler", Kind::flow},
      {"FlowMatchHeunDiscreteScheduler", Kind::flow},
      {"FlowMatchLCMScheduler", Kind::flow},
  };
  return rows;
}

/// Whether its settings have that word.
inline bool has_setting(const Class& row, std::string_view setting) {
  for (std::string_view left = row.settings; !left.empty();) {
    const std::size_t end = std::min(left.find(' '), left.size());
    if (left.substr(0, end) == setting) return true;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return false;
}

/// Classes of schedulers that no schedule here can speak for, and why.
struct Refusal {
  std::string_view name, why;
};
inline constexpr Refusal refusals[] = {
    {"ScoreSdeVpScheduler", "asks networks for the score at a continuous time"},
    {"KarrasVeScheduler", "asks networks at sigma/2, of input and output in a form of its own"},
    {"CMStochasticIterativeScheduler", "draws with consistency models"},
    {"CosineDPMSolverMultistepScheduler", "asks networks at atan(sigma), of v in EDM's form"},
    {"UnCLIPScheduler", "draws with networks that are told an embedding"},
    {"VQDiffusionScheduler", "draws tokens"},
    {"AmusedScheduler", "draws tokens"},
    {"IPNDMScheduler", "has a table of its own, which no setting describes"},
    {"DDPMWuerstchenScheduler", "asks networks at a continuous time"},
    {"SCMScheduler", "asks networks of TrigFlow"},
};

/// A formula of diffusers and the family that it is here.
struct Formula {
  std::string_view theirs, ours;
  bool has_ends;  // beta_start and beta_end
  bool common;    // else only classes that say so have it
};

inline constexpr Formula formulas[] = {
    {"linear", "linear", true, true},     {"scaled_linear", "scaled-linear", true, true},
    {"sigmoid", "sigmoid", true, false},  {"squaredcos_cap_v2", "cosine", false, true},
    {"laplace", "laplace", false, false}, {"exp", "exponential", false, false},
};

}  // namespace diffusion::diffusers
