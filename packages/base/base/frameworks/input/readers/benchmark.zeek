##! Made-up data, for measuring.

@load ../main

module InputBenchmark;

export {
    ## Lines grow by this factor each second, then by this number.
    const factor = 1.0 &redef;
    const addfactor = 0 &redef;
    # Spread the lines over the second: pause after each, or adjust to it.
    const spread = 0 &redef;
    const autospread = 0.0 &redef;
    const stopspreadat = 0 &redef;
    const timedspread = 0.0 &redef;
}
