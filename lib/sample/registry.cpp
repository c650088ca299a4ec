#include "lib/base/registry.hpp"

#include "lib/sample/sampler.hpp"

namespace diffusion {

Sampler make_ddim(Params&);
Sampler make_euler(Params&);
Sampler make_euler_ancestral(Params&);
Sampler make_heun(Params&);
Sampler make_midpoint(Params&);
Sampler make_dpm2(Params&);
Sampler make_dpm2_ancestral(Params&);
Sampler make_dpmpp_2s(Params&);
Sampler make_dpmpp_3s(Params&);
Sampler make_dpmpp_2m(Params&);
Sampler make_dpmpp_3m(Params&);
Sampler make_dpmpp_2m_sde(Params&);
Sampler make_dpmpp_3m_sde(Params&);
Sampler make_dpmpp_sde(Params&);
Sampler make_dpm(Params&);
Sampler make_dpm_2m(Params&);
Sampler make_dpm_3m(Params&);
Sampler make_dpm_2m_sde(Params&);
Sampler make_dpm_adaptive(Params&);
Sampler make_unipc(Params&);
Sampler make_sa(Params&);
Sampler make_deis(Params&);
Sampler make_lms(Params&);
Sampler make_pndm(Params&);
Sampler make_ipndm(Params&);
Sampler make_predictor_corrector(Params&);
Sampler make_langevin(Params&);
Sampler make_sde(Params&);
Sampler make_ode(Params&);
Sampler make_edm(Params&);
Sampler make_lcm(Params&);
Sampler make_tcd(Params&);

namespace {

constexpr auto none = Draws::none, noise = Draws::noise;
constexpr auto alone = Steps::alone, separate = Steps::separate;

constexpr SamplerInfo rows[] = {
    {"ddim", "Implicit sampler; eta=1 is DDPM's ancestral sampling", "Song et al. 2020, Eq. 12", 1,
     none, "1", make_ddim, alone},
    {"euler", "Euler's method, with churn", "Karras et al. 2022, Alg. 2", 1, none, "1", make_euler,
     alone},
    {"euler-ancestral", "Euler steps too far, and noise back", "Song et al. 2020, Eq. 12", 1, noise,
     "1", make_euler_ancestral, alone},
    {"heun", "Heun's method, with churn: EDM's sampler", "Karras et al. 2022, Alg. 2", 2, none, "2",
     make_heun, separate},
    {"edm", "Heun in VP's or VE's time and scaling, with churn", "Karras et al. 2022, Table 1", 2,
     none, "2", make_edm, separate},
    {"midpoint", "Midpoint method in the path's own time", "Runge 1895", 2, none, "2",
     make_midpoint, separate},
    {"dpm2", "Slope half-way in log sigma, with churn", "Karras et al. 2022; Lu et al. 2022", 2,
     none, "2", make_dpm2, separate},
    {"dpm2-ancestral", "The same with noise added back", "Karras et al. 2022; Lu et al. 2022", 2,
     noise, "2", make_dpm2_ancestral, separate},
    {"dpmpp-2s", "DPM-Solver++ in single steps; eta adds noise", "Lu et al. 2025, Alg. 1", 2, none,
     "2", make_dpmpp_2s, separate},
    {"dpmpp-3s", "The same in third order", "Lu et al. 2022; Lu et al. 2025", 3, none, "3",
     make_dpmpp_3s, separate},
    {"dpmpp-2m", "DPM-Solver++ in multiple steps", "Lu et al. 2025, Alg. 2", 2, none, "1",
     make_dpmpp_2m},
    {"dpmpp-3m", "DPM-Solver++ in multiple steps, third order", "Lu et al. 2025", 3, none, "1",
     make_dpmpp_3m},
    {"dpmpp-2m-sde", "DPM-Solver++ in multiple steps, for the SDE", "Lu et al. 2025", 1, noise, "1",
     make_dpmpp_2m_sde},
    {"dpmpp-3m-sde", "The same in third order", "Lu et al. 2025", 1, noise, "1", make_dpmpp_3m_sde},
    {"dpmpp-sde", "DPM-Solver++ in single steps, for the SDE", "Lu et al. 2025", 1, noise, "2",
     make_dpmpp_sde, separate},
    {"dpm", "DPM-Solver in single steps; order=1, 2 or 3", "Lu et al. 2022, Alg. 2", 3, none,
     "order", make_dpm, separate},
    {"dpm-2m", "DPM-Solver in multiple steps", "Lu et al. 2022; Lu et al. 2025", 2, none, "1",
     make_dpm_2m},
    {"dpm-3m", "DPM-Solver in multiple steps, third order", "Lu et al. 2022; Lu et al. 2025", 3,
     none, "1", make_dpm_3m},
    {"dpm-2m-sde", "DPM-Solver in multiple steps, for the SDE", "Lu et al. 2025", 1, noise, "1",
     make_dpm_2m_sde},
    {"dpm-adaptive", "DPM-Solver to a tolerance; order=2 or 3", "Lu et al. 2022, App. C", 3, none,
     "by tolerance", make_dpm_adaptive, Steps::linked, Pace::state},
    {"unipc", "Unified predictor-corrector; order=1, 2 or 3", "Zhao et al. 2023", 2, none, "1",
     make_unipc},
    {"sa-solver", "Stochastic Adams predictor-corrector", "Xue et al. 2023", 1, noise, "1",
     make_sa},
    {"deis", "Exponential integrator, polynomials in log sigma", "Zhang and Chen 2023", 3, none,
     "1", make_deis},
    {"lms", "Adams-Bashforth in sigma; order=1 to 4", "Karras et al. 2022", 4, none, "1", make_lms},
    {"pndm", "Pseudo numerical method with a Runge-Kutta start", "Liu, Ren, Lin and Zhao 2022", 2,
     none, "1 (4 at first)", make_pndm},
    {"ipndm", "Improved pseudo numerical method", "Zhang and Chen 2023", 2, none, "1", make_ipndm},
    {"predictor-corrector", "Reverse SDE with Langevin corrections", "Song et al. 2021, Alg. 1", 1,
     noise, "2", make_predictor_corrector, separate},
    {"langevin", "Annealed Langevin dynamics", "Song and Ermon 2019, Alg. 1", 1, noise, "per_level",
     make_langevin},
    {"sde", "Euler-Maruyama for the reverse SDE", "Song et al. 2021, Eq. 6", 1, noise, "1",
     make_sde, alone},
    {"lcm", "Latent consistency: estimates, and noise on them", "Luo et al. 2023, Alg. 3", 1, noise,
     "1", make_lcm, alone},
    {"tcd", "Trajectory consistency: beyond the next level, and back", "Zheng et al. 2024, Alg. 4",
     1, noise, "1", make_tcd, alone},
    {"ode", "Adaptive Runge-Kutta 5(4) to a tolerance", "Dormand and Prince 1980", 5, none,
     "by tolerance", make_ode, Steps::linked, Pace::state},
};

/// k-diffusion's names come by hyphens alone.
constexpr Synonym names_elsewhere[] = {{"ddpm", "ddim:eta=1"},
                                       {"plms", "pndm:start=plms"},
                                       {"uni-pc", "unipc"},
                                       {"k-euler", "euler"},
                                       {"k-euler-a", "euler-ancestral"},
                                       {"k-euler-ancestral", "euler-ancestral"},
                                       {"k-heun", "heun"},
                                       {"k-lms", "lms"},
                                       {"k-dpm-2", "dpm2"},
                                       {"k-dpm-2-a", "dpm2-ancestral"},
                                       {"k-dpm-2-ancestral", "dpm2-ancestral"},
                                       {"k-dpmpp-2m", "dpmpp-2m"},
                                       {"euler-a", "euler-ancestral"},
                                       {"dpm-2", "dpm2"},
                                       {"dpm-2-ancestral", "dpm2-ancestral"},
                                       {"dpm2-a", "dpm2-ancestral"},
                                       {"dpm-fast", "dpm:levels=grid"},
                                       {"sde-dpmsolver", "dpm-2m-sde"},
                                       {"dpm++-3s", "dpmpp-3s"},
                                       {"dpm++-2s", "dpmpp-2s"},
                                       {"dpm++-2s-a", "dpmpp-2s:eta=1"},
                                       {"dpmpp-2s-ancestral", "dpmpp-2s:eta=1"},
                                       {"dpm++-2m", "dpmpp-2m"},
                                       {"dpm++-2m-sde", "dpmpp-2m-sde"},
                                       {"dpm++-3m", "dpmpp-3m"},
                                       {"dpm++-3m-sde", "dpmpp-3m-sde"},
                                       {"dpm++-sde", "dpmpp-sde"}};

}  // namespace

std::span<const SamplerInfo> samplers() { return rows; }

std::span<const Synonym> SamplerInfo::synonyms() { return names_elsewhere; }

const SamplerInfo& sampler_row(std::string_view spec) {
  return find_row(samplers(), params_of_row(samplers(), spec).name(), "sampler");
}

Sampler make_sampler(std::string_view spec) { return make_from(samplers(), spec, "sampler"); }

}  // namespace diffusion
