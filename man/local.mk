dist_man_MANS += %D%/vtpm-state.5
